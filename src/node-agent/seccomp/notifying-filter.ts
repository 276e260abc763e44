import type { ProfileProblemReason } from '../../catalogue/profile-problems.ts'
import type { FilteredIoctls } from '../../linux/seccomp/filter-program.ts'
import { ioctlRules } from './ioctl-rules.ts'
import { ALLOW, NOTIFY, type OciRule, type OciSeccomp } from './oci-seccomp.ts'

/** Where the runtime sends the listener of a filter, and what it sends with it. */
export type Listener = { readonly path: string; readonly metadata: string }

export type NotifyingFilter =
  | { readonly kind: 'filter'; readonly filter: OciSeccomp }
  | { readonly kind: 'unusable'; readonly reason: ProfileProblemReason }

/**
 * What a container has that the runtime does not filter. The architectures are those whose programs an arm64 kernel executes: libseccomp
 * kills what makes a system call of an architecture that a filter does not name.
 */
export const UNFILTERED: OciSeccomp = {
  defaultAction: ALLOW,
  architectures: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  syscalls: [],
}

const PERMITTING: readonly string[] = [ALLOW, 'SCMP_ACT_LOG']
/** With it a call that a supervisor received before it died could be freed by nothing but SIGKILL; only listeners are affected by it. */
const WAIT_KILLABLE = 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'

const isConditional = ({ args, includes, excludes }: OciRule): boolean =>
  (args ?? []).length > 0 || Object.keys({ ...includes, ...excludes }).length > 0

const without = (name: string, rule: OciRule): OciRule[] => {
  const names = rule.names.filter((one) => one !== name)
  return names.length === rule.names.length ? [rule] : names.length === 0 ? [] : [{ ...rule, names }]
}

const withoutFlag = (unwanted: string, filter: OciSeccomp): OciSeccomp => {
  const { flags } = filter
  return flags ? { ...filter, flags: flags.filter((flag) => flag !== unwanted) } : filter
}

/**
 * A filter that does what `base` does, but notifies the calls `filtered`, and refuses the requests of a seccomp listener. Rules and keys
 * that do not concern ioctl stay as they are, in their order.
 */
export const notifyingFilter = (
  base: OciSeccomp,
  filtered: FilteredIoctls,
  { path, metadata }: Listener,
): NotifyingFilter => {
  const rules = base.syscalls ?? []
  if ((base.listenerPath ?? '') !== '' || rules.some(({ action }) => action === NOTIFY))
    return { kind: 'unusable', reason: 'ListenerTaken' }
  const ofIoctl = rules.filter(({ names }) => names.includes('ioctl'))
  const actions = new Set(ofIoctl.map(({ action }) => action))
  if (ofIoctl.some(isConditional) || actions.size > 1) return { kind: 'unusable', reason: 'IoctlConditional' }
  const [action = base.defaultAction] = actions
  if (!PERMITTING.includes(action)) return { kind: 'unusable', reason: 'IoctlNotAllowed' }
  const filter = {
    ...base,
    listenerPath: path,
    listenerMetadata: metadata,
    syscalls: [
      ...rules.flatMap((rule) => without('ioctl', rule)),
      ...ioctlRules(filtered, action === base.defaultAction ? undefined : { action }),
    ],
  }
  return { kind: 'filter', filter: withoutFlag(WAIT_KILLABLE, filter) }
}
