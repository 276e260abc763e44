/** The reason of the condition Applied where nothing was to be applied. */
export const PASSED_REASON = 'NotLevelled'

/** Why the VMs of a pod with a profile show the host's CPU. */
export const PASS_MESSAGES = {
  unlabelled: 'the pod names no profile',
  'revision-none':
    'the VM was migrated here from a pod that had no revision. To give the VM the CPU of its ' +
    'profile, restart it',
  'break-glass': 'break-glass is on. When it is off again, restart the VM',
} as const

/** Why the VMs of a static pod show the host's CPU. */
export const STATIC_POD_MESSAGE =
  'it belongs to a static pod, which passes no admission and is pinned by nobody. Create the pod through the API server to give ' +
  'it a profile, or remove our seccomp profile from its manifest'
