import type { HostAccess } from '../../harness/host-access.ts'
import { SUPERVISORS } from '../../harness/host-supervisor.ts'
import { printedVcpus } from '../vmms/vmm-launch.ts'
import type { VmmVcpu } from '../vmms/vmm-launch.ts'

/** What a launch came to whose supervisor was killed. */
export type KilledLaunch = {
  readonly exitCode: number
  readonly vcpus: readonly VmmVcpu[]
  readonly stdout: string
  readonly stderr: string
  /** Threads that are stopped or traced, zombies, and supervisors, a second after the VMM has ended. */
  readonly left: string
  /** TracerPid of the VMM's threads a while after the kill. */
  readonly tracers: string
}

/**
 * Launches the small VMM, and kills its supervisor each time some seconds have passed: from when the VMM is executed, then from when
 * the next supervisor serves it. `folder` is a new one in the host.
 */
export const launchAndKill = async (
  host: HostAccess,
  plan: string,
  {
    folder,
    options,
    kills,
  }: {
    readonly folder: string
    readonly options: readonly string[]
    readonly kills: readonly number[]
  },
): Promise<KilledLaunch> => {
  const script = `
mkdir -p ${folder}; cd ${folder}
cpufeatures run --plan ${plan} --record ${folder}/record.json -- /opt/vmm/vmm ${options.join(' ')} > out 2> err &
vmm=$!
${SUPERVISORS}
supervisor=
while [ -z "$supervisor" ] && kill -0 $vmm; do supervisor=$(supervisors); sleep 0.05; done
while [ -d /proc/$vmm ] && [ "$(cat /proc/$vmm/comm)" != vmm ]; do sleep 0.02; done
for after in ${kills.join(' ')}; do
  sleep $after
  kill -9 $supervisor || break
  next=$supervisor
  n=0
  while [ -d /proc/$vmm ] && [ $n -lt 200 ] && { [ -z "$next" ] || [ "$next" = "$supervisor" ]; }; do
     sleep 0.05; n=$((n+1)); next=$(supervisors)
   done
  supervisor=$next
done
sleep 0.5
cat /proc/$vmm/task/*/status 2>/dev/null | grep TracerPid | sort -u > tracers
wait $vmm
echo $? > code
n=0
while [ -n "$(supervisors)" ] && [ $n -lt 200 ]; do sleep 0.1; n=$((n+1)); done
{ cat /proc/[0-9]*/task/*/stat 2>/dev/null | grep -E '\\) [tTZ] '; supervisors; } > left
cat code
`
  const { stdout: code, stderr: trouble } = await host.run(['sh', '-c', script])
  const read = async (name: string): Promise<string> => (await host.run(['cat', `${folder}/${name}`])).stdout
  const [stdout, stderr, left, tracers] = await Promise.all(['out', 'err', 'left', 'tracers'].map(read))
  return {
    exitCode: code.trim() === '' ? NaN : Number(code),
    vcpus: printedVcpus(stdout ?? ''),
    stdout: stdout ?? '',
    stderr: `${stderr ?? ''}${trouble}`,
    left: left ?? '',
    tracers: tracers ?? '',
  }
}
