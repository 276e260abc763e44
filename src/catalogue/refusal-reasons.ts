import type { LaunchRefusal } from '../api/finding.ts'

/** Why a launch was refused, or went on with a report; each with what helps. */
export const REFUSAL_REMEDIES = {
  UnknownRegister:
    'The plan names a register, field or feature that this version of cpufeatures does not know. ' +
    'Use the version that compiled the revision.',
  RegisterHidden:
    'KVM does not give this vCPU a register that the plan specifies. Remove the register from the ' +
    'profile, or use other hosts.',
  FieldRefused:
    'KVM on this host does not accept this value. Change the field in the profile, or use hosts ' +
    'that fit (`cpufeatures check` names them).',
  FeatureMissing:
    'The vCPU does not show a feature that the profile requires. Use other hosts, or remove the ' +
    'feature from the profile.',
  ReadFailed: 'The supervisor could not read the register from KVM. The errno says why.',
  VcpuFeatureDisabled:
    'The VMM asked for a vCPU feature that the profile disables. Switch the feature off in the VMM, ' +
    'or allow it in the profile.',
  UnknownVcpuFeature:
    'The VMM asked for a vCPU feature that this version of cpufeatures does not know. Upgrade ' +
    'cpufeatures, or switch the feature off in the VMM.',
  ProcessHasRunningVm:
    'A VM of this process may already have run, so the supervisor does not stop the process to ' +
    'level another VM. Launch one VM per process.',
  LateVcpuNotLevelled:
    'The VMM added a vCPU to a running VM. The plan specifies CLIDR_EL1 or SVE vector lengths, ' +
    'which the supervisor cannot write without stopping the VM. Start the VM with all its vCPUs, or ' +
    'remove these values from the profile.',
  VcpuFeatureNotAsked:
    'The VMM did not ask for a vCPU feature that the profile requires. Switch the feature on in the ' +
    'VMM, or do not require it in the profile.',
  KernelTooOld:
    'Linux before 6.10 undoes the write of CLIDR_EL1 at every reset of a vCPU. Use hosts with Linux ' +
    '6.10 or newer, or remove CLIDR_EL1 from the profile.',
  VcpuNotSeen:
    'A VM of the process may already have run, and the calling thread has its own file table. ' +
    'Before Linux 6.9, the supervisor cannot inspect the vCPUs in such a table. Use Linux 6.9 or ' +
    'newer, or launch one VM per process.',
  RegisterListLost:
    'The supervisor has lost the register list of this vCPU. The VM of the vCPU may have run, so ' +
    'the supervisor cannot read the list again. Launch the VM again.',
  RanDuringStop:
    'A vCPU of the process entered the guest while the supervisor levelled a vCPU. Nothing is ' +
    'wrong with the VM. But if the supervisor had died at that moment, the process would have died ' +
    'too.',
  NotTraceable:
    'The supervisor could not trace the thread. If a debugger or another tracer holds the thread, ' +
    'end it. If Yama restricts tracing, a launched script must exec the VMM, or the supervisor ' +
    'needs CAP_SYS_PTRACE (docs/launch.md).',
  TooManyProcesses:
    'More than 1024 processes of one launch use KVM at the same time, so the call failed. Launch ' +
    'these VMMs separately.',
  StopTimedOut:
    'The thread did not stop in time. The supervisor killed its process, because no VM of the ' +
    'process had run. Check whether the cgroup of the process was frozen.',
  StopTakesLong:
    'The thread has not stopped in time. A VM of its process has run, so the supervisor does not ' +
    'kill the process, and waits. Check whether the cgroup of the process is frozen.',
  StepFailed:
    'A step that normally always works failed before the VM had run, so the launch failed. Look at ' +
    'the cause (a full disk?), or report the problem.',
  LostSupervisor:
    'The supervisor was killed while it held a thread of the VMM, and the VMM died with it. No VM ' +
    'had run, so launch it again.',
  VmmExited: 'The VMM ended while it made its VM. Look at the output of the VMM.',
  ScratchRefused:
    'The VMM could not map a page of memory, because of a memory limit or its own seccomp filter. ' +
    'Raise the limit, or allow mmap in the filter.',
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
