/** What could be seen of the VMs of a process. */
export type VmActivity =
  /** KVM's debugfs: how often each of its VMs has left the guest. */
  | { readonly kind: 'debugfs'; readonly exits: readonly number[] }
  /** No debugfs: whether a thread of it is in KVM_RUN at this moment. */
  | { readonly kind: 'proc'; readonly isInKvmRun: boolean }

/** A VMM that makes its vCPUs has them INITed within this time of its first; only asked where debugfs is not there. */
const LONGEST_SETUP_MS = 10_000

/** Whether a VM of a process may have run: then none of its threads may be ptraced. */
export const mayHaveRun = (activity: VmActivity, millisecondsSinceFirstInit: number): boolean =>
  activity.kind === 'debugfs'
    ? activity.exits.some((exits) => exits > 0)
    : activity.isInKvmRun || millisecondsSinceFirstInit > LONGEST_SETUP_MS
