import type { LaunchRefusal } from '../api/finding.ts'

/** Why a launch was refused, or went on with a report; each with what helps. */
export const REFUSAL_REMEDIES = {
  UnknownRegister:
    'This version does not know the register, field or feature: use the version that compiled the revision.',
  RegisterHidden: 'KVM does not give this vCPU the register: take it out of the profile, or use other hosts.',
  FieldRefused:
    'KVM does not take this value here: `cpufeatures check` says which hosts fit; or change the field in the profile.',
  FeatureMissing:
    'The vCPU does not show a feature that the profile requires: use other hosts, or drop it from the profile.',
  ReadFailed: 'KVM could not be asked; the errno says why.',
  VcpuFeatureDisabled:
    'The VMM asked for a vCPU feature that the profile disables: switch it off in the VMM, or allow it in the profile.',
  UnknownVcpuFeature:
    'The VMM asked for a vCPU feature this version does not know: upgrade cpufeatures, or switch it off in the VMM.',
  ProcessHasRunningVm:
    'A VM of this process may have run already, so the supervisor does not stop the process for another VM: launch one VM per process.',
  LateVcpuNotLevelled:
    'The VMM added a vCPU to a VM that runs, and the plan has values that only a stop could give it (CLIDR_EL1, SVE vector ' +
    'lengths): start the VM with all its vCPUs, or take these out of the profile.',
  VcpuFeatureNotAsked:
    'The VMM did not ask for a vCPU feature that the profile requires: switch it on in the VMM, or allow it in the profile.',
  KernelTooOld:
    'Linux before 6.10 takes CLIDR_EL1 back at every reset of a vCPU: use newer hosts, or take it out of the profile.',
  VcpuNotSeen:
    'A VM of the process may have run, and the thread has a file table of its own, which nobody can look into before ' +
    'Linux 6.9: use Linux 6.9, or launch one VM per process.',
  RegisterListLost:
    'The register list of this vCPU was lost, and its VM may have run, so it cannot be read again: launch the VM again.',
  RanDuringStop:
    'A vCPU of the process entered the guest while another was being levelled: if the supervisor had died then, the process would have ' +
    'died with it.',
  NotTraceable:
    'The thread could not be traced: end the debugger or tracer on it. Under Yama a launched script must exec the VMM, or the ' +
    'supervisor needs CAP_SYS_PTRACE (docs/launch.md).',
  TooManyProcesses:
    'Over 1024 processes of one launch use KVM at the same time, so its call failed: launch the VMMs one by one.',
  StopTimedOut: 'The thread did not stop in time (frozen cgroup?); it was killed before its VM had run.',
  StopTakesLong:
    'The thread did not stop in time. A VM of its process has run, so it is not killed but waited for: ' +
    'see what holds it (frozen cgroup?).',
  StepFailed:
    'A step that should always work failed before the VM had run, so the launch failed: see what failed (a full disk?), or report it.',
  LostSupervisor:
    'The supervisor was killed while it held a thread of the VMM, which died with it; no VM of it had run: launch it again.',
  VmmExited: 'The VMM ended while its VM was being made.',
  ScratchRefused: 'The VMM could not map a page (memory limit, or a filter of its own): raise the limit.',
} as const

export type RefusalReason = keyof typeof REFUSAL_REMEDIES

/** The longest value that a refusal may carry: launchRefusal. */
const LONGEST_VALUE = 64

type RefusalData = Omit<LaunchRefusal, 'reason' | 'remedy'> & { reason: RefusalReason }

const cut = (value: string): string => value.slice(0, LONGEST_VALUE)

/** A refusal with its remedy. Values of any length are cut: the message of an error, a list of vector lengths. */
export const refusal = ({ wanted, shown, cause, ...data }: RefusalData): LaunchRefusal => ({
  ...data,
  ...(wanted !== undefined && { wanted: cut(wanted) }),
  ...(shown !== undefined && { shown: cut(shown) }),
  ...(cause !== undefined && { cause: cut(cause) }),
  remedy: REFUSAL_REMEDIES[data.reason],
})

/** The feature, or the register with its field, that a refusal is about; empty if it is about neither. */
export const refusedPlace = ({ register, field, feature }: LaunchRefusal): string =>
  feature ?? [register, field].filter((part) => part !== undefined).join('.')
