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
  /** Threads that are stopped or traced, zombies, and supervisors, once the VMM and its supervisors have ended. */
  readonly left: string
  /** TracerPid of the VMM's threads a while after the kill. */
  readonly tracers: string
}

/**
 * Launches the small VMM, and kills its supervisor each time some seconds have passed: from when the VMM is executed, then from when
 * the next supervisor serves it. `folder` is a new one in the host, in which the file `killed` is made after the last kill.
 */
export const launchAndKill = async (
  host: HostAccess,
  plan: string,
  {
    folder,
    options,
    kills,
    whenRunning = false,
  }: {
    readonly folder: string
    readonly options: readonly string[]
    readonly kills: readonly number[]
    /** The first kill waits until a vCPU has run. */
    readonly whenRunning?: boolean
  },
): Promise<KilledLaunch> => {
  const firstPrints = String(whenRunning)
  const script = `
mkdir -p ${folder}; cd ${folder}
cpufeatures run --plan ${plan} --record ${folder}/record.json -- /opt/vmm/vmm ${options.join(' ')} > out 2> err &
vmm=$!
${SUPERVISORS}
runs() { cat /proc/$vmm/task/*/stat 2> /dev/null | grep -qv ') [ZX] '; }
supervisor=
while [ -z "$supervisor" ] && runs; do supervisor=$(supervisors); sleep 0.05; done
while runs && [ "$(cat /proc/$vmm/comm)" != vmm ]; do sleep 0.02; done
while ${firstPrints} && runs && ! grep -q '"vm"' out; do sleep 0.05; done
for after in ${kills.join(' ')}; do
  sleep $after
  kill -9 $supervisor || break
  next=$supervisor
  while runs && { [ -z "$next" ] || [ "$next" = "$supervisor" ]; }; do sleep 0.05; next=$(supervisors); done
  supervisor=$next
done
tracers() { cat /proc/$vmm/task/*/status 2>/dev/null | grep TracerPid | sort -u; }
looks=0
while tracers | grep -q '[1-9]' && [ $looks -lt 100 ]; do sleep 0.2; looks=$((looks+1)); done
tracers > tracers
touch killed
wait $vmm
echo $? > code
unsupervised
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
