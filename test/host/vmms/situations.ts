import type { HostAccess } from '../../harness/host-access.ts'
import { underCondition } from './host-condition.ts'
import type { HostConditionName } from './host-condition.ts'
import { launchScript } from './scripted-launch.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'
import { MEANWHILE, tryOf } from './situation.ts'
import type { Situation } from './situation.ts'

type Conditions = readonly HostConditionName[]
type Steps = Omit<Situation, 'under'>

const USER = 'as an ordinary user, who cannot read debugfs'
const YAMA = 'as an ordinary user where Yama restricts ptrace to descendants'
const WITHOUT_DEBUGFS: Conditions = ['as root without debugfs', USER]
const KILLED: Conditions = [...WITHOUT_DEBUGFS, YAMA]

const RUN_A = 'vm:A vcpu:A0 init:A0 run:A0'
const SPIN_A = 'vm:A vcpu:A0 init:A0 spin:A0'
const RUN_B = 'vm:B vcpu:B0 init:B0 run:B0'

/** A VMM that has, or had, more than one VM. */
const VMS: readonly Steps[] = [
  {
    name: 'that makes two VMs, and runs them when both are levelled',
    steps: 'vm:A vm:B vcpu:A0 vcpu:B0 init:A0 init:B0 run:A0 run:B0',
  },
  {
    name: 'that INITs a vCPU of its second VM when the first has run',
    steps: 'vm:A vm:B vcpu:A0 vcpu:B0 init:A0 run:A0 init:B0 run:B0',
    refused: ['B0'],
  },
  {
    name: 'that makes a VM while the guest of another is in guest mode and does not leave it',
    steps: `${SPIN_A} ${RUN_B} goes-on:A`,
    refused: ['B0'],
  },
  { name: 'that closes a VM which has run, and makes another', steps: `${RUN_A} close:A ${RUN_B}` },
  {
    name: 'that closes a VM whose kvm_run stays mapped, and makes another with its fds',
    steps: `${RUN_A} keep-run:A0 close:A ${RUN_B}`,
  },
  {
    name: 'that closes a VM which never ran and whose kvm_run stays mapped, and makes another with its fds',
    steps: `vm:A vcpu:A0 init:A0 keep-run:A0 close:A ${RUN_B}`,
  },
  {
    name: 'that closes a VM and keeps its GIC, and makes another with its fds',
    steps: `vm:A vcpu:A0 init:A0 gic:A run:A0 close:A ${RUN_B}`,
  },
  {
    name: 'that closes a VM and keeps a duplicate of its fd, and makes another with its fds',
    steps: `${RUN_A} dup-vm:A close:A ${RUN_B}`,
  },
  {
    name: 'that closes a VM and keeps a duplicate of its vCPU, and makes another with its fds',
    steps: `${RUN_A} dup-vcpu:A0 close:A ${RUN_B}`,
    refused: ['B0'],
  },
]

/** A VMM that resets vCPUs or adds them when its VM has run. */
const RESETS: readonly Steps[] = [
  {
    name: 'that resets a vCPU as soon as it has run, while another is in guest mode',
    steps: 'vm:A vcpu:A0 vcpu:A1 init:A0 init:A1 spin:A1 run:A0 init:A0 run:A0 init:A0 run:A0 goes-on:A',
  },
  {
    name: 'that adds a vCPU as soon as another has run',
    steps: `${RUN_A} vcpu:A1 init:A1 run:A1`,
  },
  {
    name: 'that saves its VM, resets it and restores it in the same process',
    steps: `${RUN_A} save:A0:$here/saved init:A0 restore:A0:$here/saved run:A0`,
  },
]

/** A VMM whose calls come from other threads and processes than usual. */
const CONTEXTS: readonly Steps[] = [
  {
    name: 'that makes its VM in a process which shares its memory',
    steps: 'in-clone-vm vm:A vcpu:A0 init:A0 run:A0 init:A0 run:A0',
  },
  {
    name: 'that makes a VM in a process which shares the memory of one whose guest is in guest mode',
    steps: `${SPIN_A} in-clone-vm ${RUN_B} back goes-on:A`,
    // The process of the guest in guest mode is not the one that would be stopped.
    either: ['B0'],
  },
  {
    name: 'that INITs a vCPU in a vfork child when another VM has run',
    steps: 'vm:A vm:B vcpu:A0 vcpu:B0 init:A0 run:A0 in-vfork init:B0 back run:B0',
    either: ['B0'],
  },
  { name: 'that executes itself when its VM has run, and makes another', steps: `${RUN_A} exec ${RUN_B}` },
  {
    name: 'that keeps duplicates of its VM and vCPU, executes itself, and makes another VM',
    steps: `${RUN_A} dup-vm:A dup-vcpu:A0 exec ${RUN_B}`,
    either: ['B0'],
  },
  {
    name: 'that makes its VM in a thread with files of its own',
    steps: 'in-thread unshare-files vm:A vcpu:A0 init:A0 run:A0 init:A0 run:A0 vcpu:A1 init:A1 run:A1',
  },
  {
    name: 'that makes a VM in a thread with files of its own, which has closed the VM that runs',
    steps: `${SPIN_A} in-thread unshare-files close:A ${RUN_B} back goes-on:A`,
    refused: ['B0'],
  },
  {
    name: 'whose first thread has ended, and that resets and adds a vCPU when its VM has run',
    steps: `leader-exits ${RUN_A} init:A0 run:A0 vcpu:A1 init:A1 run:A1`,
  },
  {
    name: 'whose first thread has ended, and that makes a VM while the guest of another is in guest mode',
    steps: `leader-exits ${SPIN_A} ${RUN_B} goes-on:A`,
    refused: ['B0'],
  },
]

/** A VMM that makes another VM in between, and takes its time or has to wait. */
const WAITS: readonly Situation[] = [
  {
    name: 'that INITs its vCPU eleven seconds after that of a VM it has closed',
    steps: 'vm:A vm:S vcpu:S0 init:S0 close:S wait:11000 vcpu:A0 init:A0 run:A0',
    under: WITHOUT_DEBUGFS,
  },
  {
    name: 'that INITs its vCPU while the supervisor stands still for eleven seconds',
    steps: 'vm:A vm:S vcpu:S0 init:S0 close:S await:$here/happened vcpu:A0 init:A0 run:A0',
    meanwhile: `stall_supervisor_after '"close:S"' 11`,
    under: ['as root without debugfs'],
  },
  {
    name: 'that INITs its vCPU when the supervisor has been killed after that of a VM it has closed',
    steps: 'vm:A vm:S vcpu:S0 init:S0 close:S await:$here/happened vcpu:A0 init:A0 run:A0',
    meanwhile: `kill_supervisor_after '"close:S"'`,
    under: KILLED,
  },
  {
    name: 'that resets and adds a vCPU when its VM has run and the supervisor has been killed',
    steps: `vm:A vcpu:A0 vcpu:A1 init:A0 init:A1 spin:A1 run:A0 await:$here/happened
      init:A0 run:A0 vcpu:A2 init:A2 run:A2 goes-on:A`.replaceAll(/\s+/g, ' '),
    meanwhile: `kill_supervisor_after '"run:A0"'`,
    under: KILLED,
  },
]

const triedUnder = (conditions: Conditions, situations: readonly Steps[]): Situation[] =>
  situations.map((situation) => ({ ...situation, under: conditions }))

/** All of them, each where it tells something. */
const SITUATIONS: readonly Situation[] = [
  ...triedUnder(
    [
      'as root with debugfs',
      'as root without debugfs',
      'in a pid namespace of its own',
      'as root where the kernel is locked down',
    ],
    VMS,
  ),
  ...triedUnder(
    ['as root without debugfs', 'in a pid namespace of its own', 'as root where the kernel is locked down'],
    RESETS,
  ),
  ...triedUnder(['as root with debugfs', USER], CONTEXTS),
  ...WAITS,
]

export const situationsUnder = (condition: HostConditionName): Situation[] =>
  SITUATIONS.filter(({ under }) => under.includes(condition))

const LAUNCH = 'cpufeatures run --plan "$1" --record "$1.record.json" --'

/**
 * Tries all situations of a condition, under one supervisor. Yama lets it trace the process that was launched and none of that one's
 * children, so there each VMM is launched by itself.
 */
export const launchSituations = (
  host: HostAccess,
  plan: string,
  condition: HostConditionName,
): Promise<ScriptedLaunch> => {
  const runs = condition === YAMA ? 'beside' : 'inLaunch'
  const tries = situationsUnder(condition).map((one) => tryOf(one, runs === 'beside' ? LAUNCH : ''))
  const script = `${MEANWHILE}\n${tries.join('\n')}`
  return underCondition(host, condition, (under) => launchScript(host, plan, script, { under, runs }))
}
