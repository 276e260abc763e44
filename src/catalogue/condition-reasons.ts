import type { CompileResult } from '../profile/compile-result.ts'
import type { ProbeResult } from '../discovery/probe-result.ts'

type CompileReason = Exclude<CompileResult, { kind: 'compiled' }>['reason']

/** The reasons in the conditions of a profile that does not compile; the type keeps the table complete. */
export const COMPILE_REASONS: Readonly<Record<CompileReason, string>> = {
  UnknownKey:
    'The spec has a key that this version of the controller does not know. The message gives the ' +
    'path of the key. Remove the key, or update the controller. Meanwhile, the controller does not ' +
    'compile the other parts of the profile.',
  UnknownVersion:
    'cpufeatures does not know this version of the architecture. The message lists the versions ' +
    'that it knows.',
  UnknownFeature:
    'cpufeatures does not know a FEAT_ name in the profile. The message says where the name is, and ' +
    'gives the nearest names.',
  UnknownModel:
    'The catalogue of cpufeatures has no CPU model of this name. The message gives the nearest ' + 'names.',
  UnknownRegister:
    'cpufeatures does not know a register in the profile. The message says where the name is, and ' +
    'gives the nearest names.',
  UnknownField:
    'The register has no field of this name. The message says where the name is, and gives the ' +
    'nearest names.',
  NotSpecifiable:
    'A profile cannot specify this register or field, because KVM or cpufeatures sets it. Remove ' +
    'the entry from the profile.',
  ValueTooWide: 'The value has more bits than the field. The message gives the number of bits of the field.',
  ContradictingEntries:
    'Two entries of the profile demand different values of one field. The message names both ' + 'entries.',
  NoBaselineToTakeFrom:
    '`implementation.midr: FromBaseline` takes the MIDR_EL1 of the base, and this base has none. ' +
    'Base `host` never has one, and base `view` only if the view names it. Give the MIDR_EL1 ' +
    'itself.',
  WaitingForNodes:
    'The controller waits for more nodes: some selected nodes have not reported, or fewer than ' +
    '`minNodes` nodes have reported. `kubectl get ncf` shows the reports.',
  NoCommonView:
    'The selected nodes have no guest view in common. The message names the first field that ' +
    'prevents it, what would help, and the largest sets of host classes that do have a common view.',
  BaselineTooLow:
    'The profile requires a feature that the stored baseline does not show. Raise the `generation` ' +
    'of the base.',
  NoMember:
    'No selected node can show what the profile demands. With base `architecture`, no node of the ' +
    'cluster can show it. The message says why.',
  NotTolerated:
    'The stored baseline depends on a tolerated difference, and the profile no longer tolerates ' +
    'this difference.',
}

/** The reasons of the condition Probed in a node's report. */
export const PROBE_REASONS: Readonly<Record<ProbeResult['kind'], readonly [string, string]>> = {
  probed: [
    'Probed',
    'The node-agent has asked KVM what it can show a guest. `status.host` contains the answers.',
  ],
  'no-kvm': [
    'NoKvm',
    'The node-agent cannot open /dev/kvm, or the kernel has no KVM. The scheduler places no VMs with a profile on this node.',
  ],
  'kernel-too-old': [
    'KernelTooOld',
    'KVM does not report writable masks. The node needs Linux 6.7 or newer.',
  ],
  failed: [
    'ProbeFailed',
    'KVM gave an answer that no kernel known to cpufeatures gives. The message names the step and the errno. The node-agent tries again.',
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
    'The node-agent applies profiles to the VMs of containers. The message says what the node-agent cannot prove on this node.',
  ],
  notServing: [
    'NotServing',
    'The node-agent cannot apply profiles at the moment. The message says what is missing. Until then, containers whose VMs need a ' +
      'profile wait, or are not created.',
  ],
} as const

/** The reasons of Events of a profile that are not also reasons of its conditions. */
export const PROFILE_EVENT_REASONS = {
  VmsStranded:
    'No other node can take the VMs of some pods, because their revision fits no other node that they can reach. ' +
    '`status.strandedVms` of the profile counts these pods and names some of them. Either a node has changed (its kernel, its ' +
    'firmware, its CPU), or it is gone. Bring a node back that fits the revision, or restart the VMs.',
} as const

export type ProfileEventReason = keyof typeof PROFILE_EVENT_REASONS

/** The reasons of Schedulable, of a profile and of its pods. */
export const PLACEMENT_REASONS = {
  NodesFit: 'At least one node fits the current revision.',
  NoNodes: 'No node has reported. Check that the node-agent runs.',
  NoCompatibleNode:
    'Nodes have reported, but no node fits. `status.classes` of the profile has the findings of ' +
    'each host class.',
  Superseded:
    'No node fits the revision to which the pod is pinned, but nodes fit the current revision of ' +
    'the profile. The pin cannot change, so restart the VM.',
  ProfileNotFound:
    'The pod names a profile that does not exist. Create the profile. As soon as it has compiled, ' +
    'the controller releases the pod.',
  ProfileNotAccepted:
    "The profile has a mistake, and has never compiled. The profile's condition Accepted names the " +
    'mistake.',
  ProfileNotCompiled:
    'The profile has never compiled: either the controller cannot compile it, or it waits for ' +
    "nodes. The profile's condition Compiled says why.",
  MigrationSourceUnknown:
    'The pod is the target of a live migration, and the controller does not know with which revision its VM runs. The message ' +
    'says why. The controller looks again every ten seconds.',
  BreakGlass:
    'Break-glass is on, so the controller pins no pod. The message repeats the reason that somebody ' +
    'gave for break-glass. See docs/how-to/break-glass.md.',
  Pinned:
    'The pod is pinned to a revision, and requires nodes that fit this revision. The scheduler now ' +
    'places the pod.',
} as const

export type PlacementReason = keyof typeof PLACEMENT_REASONS

/** The reasons of Reconciling and Stalled of a profile where they are False. Where they are True they repeat that of another condition. */
export const SUMMARY_REASONS = {
  Settled: 'The controller does not wait for reports of nodes.',
  NotStalled: 'Neither the profile nor the cluster has to be changed for the profile to become Ready.',
} as const

export type SummaryReason = keyof typeof SUMMARY_REASONS
