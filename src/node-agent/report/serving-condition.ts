import type { Condition } from '../../api/condition.ts'
import { SERVING_REASONS } from '../../catalogue/condition-reasons.ts'

/** What of a node decides whether profiles are applied on it. */
export type ServingFacts = {
  /** What the agent's tasks wait for. */
  readonly notReady: readonly string[]
  /** Yama's ptrace_scope (Documentation/admin-guide/LSM/Yama.rst); 0 without Yama. */
  readonly ptraceScope: number
  /** Whether seccomp filters may notify: SECCOMP_RET_USER_NOTIF, Linux 5.0. */
  readonly hasNotifications: boolean
  /** Whether KVM's folder in debugfs can be read. */
  readonly hasDebugfs: boolean
  /** The kernel is locked down (kernel_lockdown(7)): debugfs has its files, and they cannot be read. */
  readonly isLockedDown: boolean
}

/** Only a reboot can change it, and root is not exempt. */
const NOBODY_TRACES = 3

const obstacles = ({ notReady, ptraceScope, hasNotifications }: ServingFacts): string[] => [
  ...(ptraceScope === NOBODY_TRACES
    ? ['kernel.yama.ptrace_scope is 3, so nobody may trace: set it to 2 or lower, and reboot']
    : []),
  ...(hasNotifications ? [] : ['the kernel has no SECCOMP_RET_USER_NOTIF: use Linux 6.7 or newer']),
  ...notReady,
]

const lacks = ({ hasDebugfs, isLockedDown }: ServingFacts): string => {
  if (isLockedDown) return ', and not verified after they have run, because the kernel is locked down'
  return hasDebugfs ? '' : ', and not verified after they have run, because debugfs is not mounted'
}

/** Whether profiles are applied on this node. */
export const servingCondition = (facts: ServingFacts): Pick<Condition, 'status' | 'reason' | 'message'> => {
  const wrong = obstacles(facts)
  const { serving, notServing } = SERVING_REASONS
  return wrong.length === 0
    ? {
        status: 'True',
        reason: serving[0],
        message: `VMs of containers are levelled and read back${lacks(facts)}.`,
      }
    : { status: 'False', reason: notServing[0], message: `${wrong.join('; ')}.` }
}
