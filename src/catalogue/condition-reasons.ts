import type { CompileResult } from '../profile/compile-result.ts'
import type { ProbeResult } from '../discovery/probe-result.ts'

type CompileReason = Exclude<CompileResult, { kind: 'compiled' }>['reason']

/** What a profile that does not compile says in its conditions; the type keeps it whole. */
export const COMPILE_REASONS: Readonly<Record<CompileReason, string>> = {
  UnknownVersion: 'The features of the architecture version are not known. The message has those that are.',
  UnknownFeature: 'A FEAT_ name is not known. The message has the place and the nearest names.',
  UnknownModel: 'No CPU model of the catalogue has this name; the message names the nearest.',
  UnknownRegister: 'A register is not known. The message has the place and the nearest names.',
  UnknownField: 'The register has no such field. The message has the place and the nearest names.',
  NotSpecifiable: 'KVM or this product decides that register or field; take the entry out.',
  ValueTooWide: 'The value does not fit the field. The message has its width.',
  ContradictingEntries: 'Two entries want different things of one field. The message names both.',
  NoBaselineToTakeFrom:
    '`implementation.midr: FromBaseline` needs a base that has members: `nodes` or `architecture`.',
  WaitingForNodes: 'Not every selected node, or fewer than `minNodes`, has reported. See `kubectl get ncf`.',
  NoCommonView:
    'The selected nodes have no guest view in common. The message has the first field, what would help, and the largest sets of host classes that do have one.',
  BaselineTooLow: 'The kept baseline is below what the profile requires. Raise the `generation` of the base.',
  NoMember:
    'No node of the base (of base `architecture`: no node at all) can show what the profile asks for. The message says why.',
  NotTolerated: 'The kept baseline rests on a difference that `tolerate` no longer accepts.',
}

/** Why a node's report has Probed as it has. */
export const PROBE_REASONS: Readonly<Record<ProbeResult['kind'], readonly [string, string]>> = {
  probed: ['Probed', 'KVM was asked, and `status.host` is its answer.'],
  'no-kvm': ['NoKvm', '/dev/kvm cannot be opened, or is no KVM. The node takes no VMs of a profile.'],
  'kernel-too-old': ['KernelTooOld', 'KVM tells no writable masks: Linux 6.7 or newer is needed.'],
  failed: [
    'ProbeFailed',
    'KVM answered what no kernel we know answers. The message has the step and the errno; it is tried again.',
  ],
}

/** What a profile says when it has compiled, and what its pods say. */
export const PLACEMENT_REASONS = {
  NodesFit: 'At least one node fits the current revision.',
  NoNodes: 'No node has reported. Is the node-agent running?',
  NoCompatibleNode: 'No node fits. `status.classes` of the profile has the findings of each host class.',
  ProfileNotFound: 'The pod names a profile that is not there. It is let go when the profile comes.',
  ProfileNotAccepted: 'The profile has a mistake; its condition Accepted says where.',
  ProfileNotCompiled: 'The profile does not compile, or waits for nodes; its condition Compiled says why.',
  Pinned: 'The pod is pinned to a revision and has its affinity; the scheduler has it.',
} as const

export type PlacementReason = keyof typeof PLACEMENT_REASONS
