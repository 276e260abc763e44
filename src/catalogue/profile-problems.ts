import { OPTION_FLAGS } from './option-flags.ts'

const SAY_SO =
  'report this problem, with the filter that the message names; until it is solved, no VM in such containers starts on this node'

/** Why a seccomp profile cannot be made or installed on a node: what it means, and what helps. docs/errors.md has them all. */
export const PROFILE_PROBLEMS = {
  KubeletRootWrong: {
    means:
      "The folder is not the kubelet's root folder: it does not hold the folder of the node-agent's own pod.",
    remedy:
      `give the kubelet's --root-dir, without symbolic links, to the node-agent as --${OPTION_FLAGS.kubeletRoot}; ` +
      'mount its folder seccomp into the holder',
  },
  ReferenceMissing: {
    means:
      "The node-agent's pod lacks a reference container, from which the node-agent reads what the runtime applies.",
    remedy: 'apply the DaemonSet of this version of cpufeatures',
  },
  ReferenceNotRunning: {
    means:
      'A reference container does not run yet, so the node has no file that says what the runtime applies to it.',
    remedy:
      "wait; if the problem lasts, the status of the node-agent's pod says why the container does not start",
  },
  ReferenceConfigMissing: {
    means: 'No file of the node says what the runtime applies to a reference container.',
    remedy:
      'use containerd or CRI-O with their usual state folders; if they are in use, check that the node-agent has CAP_SYS_PTRACE',
  },
  FilterNotApplied: {
    means:
      'The runtime applies no filter to a container that asks for RuntimeDefault: it does not support seccomp.',
    remedy: 'use a kernel and a container runtime that are built with seccomp',
  },
  FilterUnreadable: {
    means: 'The file is not a seccomp filter in the form that the OCI runtime specification defines.',
    remedy: SAY_SO,
  },
  IoctlNotAllowed: {
    means: 'The filter does not allow ioctl at all, so no VM could run under it.',
    remedy: 'give the containers of VMs a filter that allows ioctl',
  },
  IoctlConditional: {
    means:
      'What the filter does with ioctl depends on arguments, capabilities or the architecture. Notifications cannot be added ' +
      'to that safely.',
    remedy: SAY_SO,
  },
  ListenerTaken: {
    means: 'The filter notifies another supervisor, and the kernel allows only one listener per process.',
    remedy: 'give the containers of VMs a filter without SCMP_ACT_NOTIFY',
  },
  FileFailed: {
    means: 'The node-agent cannot read or write a file.',
    remedy: 'see the error: a full or read-only /run, a missing right, or a file where a folder should be',
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
