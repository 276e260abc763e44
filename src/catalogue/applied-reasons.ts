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
