import type { HostAccess } from './host-access.ts'
import { eventually } from './eventually.ts'

/** Waits until no supervisor of a launch is left in a host: one writes its last word, and its last event, after its VMM has gone. */
export const launchesEnded = (host: HostAccess): Promise<true> =>
  eventually(`the supervisors in ${host.name} to end`, async () => {
    const { exitCode } = await host.run(['sh', '-c', "ps | grep -q '[s]upervise'"])
    return exitCode === 0 ? undefined : true
  })
