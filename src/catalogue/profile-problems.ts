import { OPTION_FLAGS } from './option-flags.ts'

const SAY_SO =
  'report this problem, and send the filter that the message names. Until the problem is solved, no VM in such ' +
  'containers starts on this node'

/** Why a seccomp profile cannot be made or installed on a node: what it means, and what helps. docs/errors.md has them all. */
export const PROFILE_PROBLEMS = {
  KubeletRootWrong: {
    means:
      "The folder is not the kubelet's root folder, because it does not contain the folder of the " +
      "node-agent's own pod.",
    remedy:
      `set the node-agent's option --${OPTION_FLAGS.kubeletRoot} to the kubelet's --root-dir, as a path without symbolic links. ` +
      "Mount the folder seccomp of this root folder into the holder's container",
  },
  ReferenceMissing: {
    means:
      "The node-agent's pod lacks a reference container. From this container, the node-agent would " +
      'learn which filter the container runtime applies.',
    remedy: 'apply the DaemonSet of this version of cpufeatures',
  },
  ReferenceNotRunning: {
    means:
      'A reference container does not run yet. So the node has no file that says which filter the ' +
      'container runtime applies to it.',
    remedy:
      "wait. If the problem lasts, the status of the node-agent's pod says why the container does not " +
      'start',
  },
  ReferenceConfigMissing: {
    means:
      'The node-agent found no file that says which filter the container runtime applies to a ' +
      'reference container.',
    remedy:
      'use containerd or CRI-O, with their usual state folders. If you already do, check that the ' +
      'node-agent has CAP_SYS_PTRACE',
  },
  FilterNotApplied: {
    means:
      'The container runtime applies no filter to a container that asks for RuntimeDefault, because ' +
      'it does not support seccomp.',
    remedy: 'use a kernel and a container runtime that support seccomp',
  },
  FilterUnreadable: {
    means:
      'The file does not contain a seccomp filter in the form that the OCI runtime specification ' +
      'defines.',
    remedy: SAY_SO,
  },
  IoctlNotAllowed: {
    means: 'The filter does not allow ioctl, so no VM could run under it.',
    remedy: 'give the containers of VMs a filter that allows ioctl',
  },
  IoctlConditional: {
    means:
      'The filter decides about ioctl by its arguments, by capabilities or by the architecture. The ' +
      'node-agent cannot safely add notifications to such a filter.',
    remedy: SAY_SO,
  },
  ListenerTaken: {
    means:
      'The filter already notifies another process of system calls, and the kernel allows only one ' +
      'seccomp listener per process.',
    remedy: 'give the containers of VMs a filter without SCMP_ACT_NOTIFY',
  },
  FileFailed: {
    means: 'The node-agent cannot read or write a file.',
    remedy:
      'look at the error. Usual causes are a full or read-only /run, a missing right, or a file where ' +
      'a folder should be',
  },
} as const satisfies Readonly<Record<string, { readonly means: string; readonly remedy: string }>>

export type ProfileProblemReason = keyof typeof PROFILE_PROBLEMS

/** A problem with what it is about: a profile, a container or a path. */
export type ProfileProblem = { readonly reason: ProfileProblemReason; readonly about: string }

/** A problem as a sentence, with what helps. */
export const profileProblemText = ({ reason, about }: ProfileProblem): string => {
  const { means, remedy } = PROFILE_PROBLEMS[reason]
  return `${reason} (${about}): ${means} What helps: ${remedy}.`
}
