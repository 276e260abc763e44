import type { LaunchRefusal } from '../api/finding.ts'

/** Why a launch was refused, or went on with a report; each with what helps. */
export const REFUSAL_REMEDIES = {
  UnknownRegister:
    'This version does not know the register, field or feature. Use the version that compiled the ' +
    'revision.',
  RegisterHidden:
    'KVM does not give this vCPU the register. Take the register out of the profile, or use other hosts.',
  FieldRefused:
    'KVM does not accept this value here. Change the field in the profile, or use hosts that fit ' +
    '(`cpufeatures check` names them).',
  FeatureMissing:
    'The vCPU does not show a feature that the profile requires. Use other hosts, or drop the feature ' +
    'from the profile.',
  ReadFailed: 'KVM did not answer. The errno says why.',
  VcpuFeatureDisabled:
    'The VMM asked for a vCPU feature that the profile disables. Switch it off in the VMM, or allow it in ' +
    'the profile.',
  UnknownVcpuFeature:
    'The VMM asked for a vCPU feature that this version does not know. Upgrade cpufeatures, or switch the ' +
    'feature off in the VMM.',
  ProcessHasRunningVm:
    'A VM of this process may have run, so the supervisor does not stop the process for another VM. ' +
    'Launch one VM per process.',
  LateVcpuNotLevelled:
    'The VMM added a vCPU to a running VM. The plan has values that the supervisor cannot write there ' +
    'without a stop (CLIDR_EL1, SVE vector lengths). Start the VM with all its vCPUs, or take these ' +
    'values out of the profile.',
  VcpuFeatureNotAsked:
    'The VMM did not ask for a vCPU feature that the profile requires. Switch it on in the VMM, or do not ' +
    'require it in the profile.',
  KernelTooOld:
    'Linux before 6.10 undoes the write of CLIDR_EL1 at every reset of a vCPU. Use newer hosts, or take ' +
    'CLIDR_EL1 out of the profile.',
  VcpuNotSeen:
    'A VM of the process may have run. The thread has a file table of its own, which the supervisor cannot ' +
    'inspect before Linux 6.9. Use Linux 6.9 or newer, or launch one VM per process.',
  RegisterListLost:
    'The register list of this vCPU was lost. Its VM may have run, so the supervisor cannot read the list ' +
    'again. Launch the VM again.',
  RanDuringStop:
    'A vCPU of the process entered the guest while the supervisor levelled another one. If the supervisor ' +
    'had died then, the process would have died too.',
  NotTraceable:
    'The supervisor could not trace the thread. End the debugger or tracer that holds it. If Yama ' +
    'restricts tracing, a launched script must exec the VMM, or the supervisor needs CAP_SYS_PTRACE ' +
    '(docs/launch.md).',
  TooManyProcesses:
    'More than 1024 processes of one launch use KVM at the same time, so the call failed. Launch the VMMs ' +
    'one by one.',
  StopTimedOut:
    'The thread did not stop in time (frozen cgroup?). The supervisor killed its process, because no VM ' +
    'of it had run.',
  StopTakesLong:
    'The thread did not stop in time. A VM of its process has run, so the supervisor waits and kills ' +
    'nothing. See what holds the thread (frozen cgroup?).',
  StepFailed:
    'A step that should always work failed before the VM had run, so the launch failed. See what failed ' +
    '(a full disk?), or report it.',
  LostSupervisor:
    'The supervisor was killed while it held a thread of the VMM, and the VMM died with it. No VM had ' +
    'run: launch it again.',
  VmmExited: 'The VMM ended while its VM was being made.',
  ScratchRefused: 'The VMM could not map a page (a memory limit, or a filter of its own). Raise the limit.',
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
