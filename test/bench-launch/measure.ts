import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import type { HostAccess } from '../harness/host-access.ts'
import type { HostProcess } from '../harness/host-process.ts'
import { eventually } from '../harness/eventually.ts'

const launchCost = z.object({
  vms: z.number(),
  vcpus: z.number(),
  steps: z.array(z.object({ step: z.string(), count: z.number(), microseconds: z.number() })),
})

/** The cost of a launch, from its record. */
export type LaunchCost = z.infer<typeof launchCost>

const smallVmmLine = z.object({ nanoseconds: z.number(), initNanoseconds: z.number() })

/** The vCPUs of the small VMM (test/fixtures/vmm): nanoseconds that each ran, and that it waited for its INIT. */
export type SmallVmm = { readonly vcpus: readonly z.infer<typeof smallVmmLine>[] }

/**
 * Where a launch is to be under a plan: its file in the host, and where the record goes; the socket of the host's supervisor, or it has
 * one of its own.
 */
export type Launch = { readonly plan: string; readonly record: string; readonly supervisor?: string }

const launched = (command: readonly string[], launch: Launch | undefined): readonly string[] =>
  launch === undefined
    ? command
    : [
        ...['cpufeatures', 'run', '-q', '--plan', launch.plan, '--record', launch.record],
        ...(launch.supervisor === undefined ? [] : ['--supervisor', launch.supervisor]),
        ...['--', ...command],
      ]

/** A command that says when it begins: what comes before is the launcher's start, not the VMM's. */
const announced = (command: readonly string[]): readonly string[] => [
  ...['sh', '-c', 'echo begins; exec "$@"', 'sh'],
  ...command,
]

/** Waits to the millisecond for what a command prints. */
const printed = async (child: HostProcess, pattern: RegExp): Promise<void> => {
  const deadline = performance.now() + 120_000
  while (!pattern.test(child.stdout())) {
    if (performance.now() > deadline) throw new Error(`nothing matched ${String(pattern)}: ${child.stderr()}`)
    await delay(1)
  }
}

/** Milliseconds from a VMM's exec to the first line that its guest prints; it is killed then. Returns when it has ended. */
export const execToFirstLine = async (
  host: HostAccess,
  command: readonly string[],
  launch?: Launch,
): Promise<number> => {
  const child = host.spawn(launched(announced(command), launch))
  child.closeInput()
  await printed(child, /^begins\n/)
  const begins = performance.now()
  await printed(child, /\n[^\n]*\n/)
  const took = performance.now() - begins
  child.kill('SIGKILL')
  await child.exited
  return took
}

/** The record of a launch, once it is written. */
export const recordOf = (host: HostAccess, file: string): Promise<LaunchCost> =>
  eventually(`the record ${file}`, async () => {
    const { stdout } = await host.run(['cat', file])
    const parsed = launchCost.safeParse(stdout === '' ? undefined : JSON.parse(stdout))
    return parsed.success && parsed.data.vcpus > 0 ? parsed.data : undefined
  })

/** Runs a command that becomes the small VMM to its end, in a launch where one is given. */
export const smallVmm = async (
  host: HostAccess,
  command: readonly string[],
  launch?: Launch,
): Promise<SmallVmm> => {
  const { stdout } = await host.run(launched(command, launch))
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"vm"'))
  return { vcpus: lines.map((line) => smallVmmLine.parse(JSON.parse(line))) }
}
