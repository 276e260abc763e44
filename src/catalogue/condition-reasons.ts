import type { CompileResult } from '../profile/compile-result.ts'
import type { ProbeResult } from '../discovery/probe-result.ts'

type CompileReason = Exclude<CompileResult, { kind: 'compiled' }>['reason']

/** The reasons in the conditions of a profile that does not compile; the type keeps the table complete. */
export const COMPILE_REASONS: Readonly<Record<CompileReason, string>> = {
  UnknownKey:
    'The spec has a key that this version of the controller does not know. The message gives its path. ' +
    'Remove the key, or update the controller. The controller never compiles only a part of a profile.',
  UnknownVersion: 'The architecture version is not known. The message lists the known ones.',
  UnknownFeature: 'A FEAT_ name is not known. The message says where it is, and gives the nearest names.',
  UnknownModel: 'The catalogue has no CPU model of this name. The message gives the nearest names.',
  UnknownRegister: 'A register is not known. The message says where it is, and gives the nearest names.',
  UnknownField: 'The register has no such field. The message says where it is, and gives the nearest names.',
  NotSpecifiable:
    'A profile cannot specify this register or field, because KVM or this product sets it. Remove the entry.',
  ValueTooWide: 'The value does not fit the field. The message gives the width of the field.',
  ContradictingEntries: 'Two entries demand different values of one field. The message names both.',
  NoBaselineToTakeFrom:
    '`implementation.midr: FromBaseline` needs a base that has members: `nodes` or `architecture`.',
  WaitingForNodes:
    'Some selected nodes have not reported, or fewer than `minNodes` have. See `kubectl get ncf`.',
  NoCommonView:
    'The selected nodes have no guest view in common. The message names the first field that differs, ' +
    'what would help, and the largest sets of host classes that have a common view.',
  BaselineTooLow: 'The kept baseline is below what the profile requires. Raise the `generation` of the base.',
  NoMember:
    'No selected node can show what the profile demands. With base `architecture`, no node at all can. ' +
    'The message says why.',
  NotTolerated: 'The kept baseline rests on a difference that `tolerate` no longer accepts.',
}

/** The reasons of the condition Probed in a node's report. */
export const PROBE_REASONS: Readonly<Record<ProbeResult['kind'], readonly [string, string]>> = {
  probed: ['Probed', 'The node-agent asked KVM; `status.host` holds the answers.'],
  'no-kvm': [
    'NoKvm',
    '/dev/kvm cannot be opened, or there is no KVM behind it. The scheduler places no VMs with a profile there.',
  ],
  'kernel-too-old': ['KernelTooOld', 'KVM does not report writable masks. Linux 6.7 or newer is needed.'],
  failed: [
    'ProbeFailed',
    'KVM gave an answer that no known kernel gives. The message names the step and the errno. The node-agent tries again.',
  ],
}

/** The reasons of the condition TrialsPassed in a node's report. */
export const TRIAL_REASONS = {
  passed: [
    'TrialsPassed',
    'The node-agent has tried each live revision that the node should fit on a scratch VM, and KVM took it.',
  ],
  refused: [
    'RevisionRefused',
    'KVM refused a live revision on a scratch VM, although it was predicted to take it. The message names the revision and the ' +
      'registers; `status.refusedRevisions` has the others. The controller no longer offers the host class of this node for the revision.',
  ],
  failed: [
    'TrialFailed',
    'The node-agent could not make a trial, so nothing is known of the revision. The message says why. It tries again when it restarts.',
  ],
} as const

/** The reasons of the condition Serving in a node's report. */
export const SERVING_REASONS = {
  serving: [
    'Serving',
    'The node-agent applies profiles to the VMs of containers. The message says what it cannot prove.',
  ],
  notServing: [
    'NotServing',
    'The node-agent cannot apply profiles at the moment. The message says what is missing. Meanwhile, containers of VMs with a ' +
      'profile wait, or are not created.',
  ],
} as const

/** The reasons of Schedulable, of a profile and of its pods. */
export const PLACEMENT_REASONS = {
  NodesFit: 'At least one node fits the current revision.',
  NoNodes: 'No node has reported. Is the node-agent running?',
  NoCompatibleNode: 'No node fits. `status.classes` of the profile has the findings of each host class.',
  Superseded:
    'No node fits the revision to which the pod is pinned, but nodes fit the current revision. The pin ' +
    'cannot change: restart the VM.',
  ProfileNotFound:
    'The pod names a profile that does not exist. The controller releases the pod once the profile exists and compiles.',
  ProfileNotAccepted:
    'The profile has a mistake, and has never compiled. Its condition Accepted names the mistake.',
  ProfileNotCompiled:
    'The profile has never compiled: it cannot, or it waits for nodes. Its condition Compiled says why.',
  MigrationSourceUnknown:
    'The pod is the target of a live migration, and the controller does not know with which revision its VM runs. The message ' +
    'says why. The controller looks again every ten seconds.',
  BreakGlass:
    'Break-glass is on, so the controller pins no pod. The message gives the reason. See docs/how-to/break-glass.md.',
  Pinned: 'The pod is pinned to a revision and has its node affinity. The scheduler takes it from here.',
} as const

export type PlacementReason = keyof typeof PLACEMENT_REASONS
