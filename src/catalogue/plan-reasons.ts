import type { PlanFinding } from '../api/finding.ts'
import { notWritable, otherValue, unlevelable } from './field-remedies.ts'

/** For what a probe should have told. */
export const PROBE_FAILED =
  'probe the host (cpufeatures probe); if you did, find out why the probe could not run a VM on it'
const NEWER_FIRMWARE = 'bring the host to a newer kernel, or take a baseline with such hosts in it'
/** For what a document does not tell. */
export const PROBE_IT = 'probe the host (cpufeatures probe)'
const OTHER_HOSTS = 'leave such hosts out, or take a baseline with them in it'

/** Who lacks a feature that a profile requires. */
type LackedFeature =
  | { readonly by: 'host'; readonly feature: string }
  /** `place`: of the profile, where the feature is required. */
  | { readonly by: 'base'; readonly feature: string; readonly place: string }
  /** Of the `version` of base architecture. */
  | { readonly by: 'member'; readonly feature: string; readonly version: string }

const lackedFeature = (lacked: LackedFeature): string => {
  const { feature } = lacked
  switch (lacked.by) {
    case 'host':
      return `leave such hosts out, or drop ${feature} from spec.features`
    case 'base':
      return `drop ${lacked.place}, or take a base that has ${feature} (for a baseline already taken: raise the generation of the base)`
    case 'member':
      return `take a version of the architecture before ${lacked.version}, or bring nodes that have ${feature}`
    default:
      return lacked satisfies never
  }
}

const illegal = (features: readonly string[]): string =>
  features.length === 0
    ? 'take a baseline with such hosts in it, or leave them out'
    : `disable ${features.join(', ')} too in spec.features, or leave such hosts out`

/** Every reason why a plan may not fit a host: what it means, and what would help. docs/errors.md has them all. */
export const PLAN_REASONS = {
  UnknownRegister: {
    means: 'The plan names a register, field or feature that this version does not know.',
    remedy: () => 'use the version that compiled the revision',
  },
  RevisionAltered: {
    means: 'The plan was changed after the revision got its name: its hash is not the one in the name.',
    remedy: () =>
      'apply the CRDs of this version, then delete the revision; the controller makes it anew from its profile',
  },
  TrialRefused: {
    means:
      'The plan should fit the host class, and KVM refused it on a scratch VM of a node of the class. `limit` is what the vCPU ' +
      'showed, or the errno.',
    remedy: (node: string) =>
      `see status.refusedRevisions of NodeCpuFeatures ${node}, and report it, because the prediction is wrong; ` +
      'until then change the field in the profile, or use other hosts',
  },
  VcpuFeatureMissing: {
    means: 'The plan requires a vCPU feature that KVM does not give on this host.',
    remedy: (feature: string) => `set vcpuFeatures.${feature} to Disabled, or leave such hosts out`,
  },
  VcpuFeatureUnknown: {
    means: 'The host document does not say whether KVM gives a vCPU feature of the plan.',
    remedy: (feature: string) => `${PROBE_IT}, or set vcpuFeatures.${feature} to Disabled`,
  },
  KernelTooOld: {
    means:
      'The kernel of this host is older than Linux 6.7. Only since that version does KVM report which fields a ' +
      'VMM may change.',
    remedy: () => 'boot Linux 6.7 or newer; if the vendor took it into an older one, probe the host',
  },
  ConfigurationUnknown: {
    means: 'The host document does not say what a vCPU with the vCPU features of the plan shows.',
    remedy: () => 'probe the host with this version: its report lacks the vCPU features of the plan',
  },
  FieldAboveLimit: {
    means: 'The plan wants a field to show more than this host can show.',
    remedy: otherValue,
  },
  FieldNotWritable: {
    means: 'The field differs from what the plan wants, and KVM lets nobody change it.',
    remedy: notWritable,
  },
  WritableUnknown: {
    means:
      'The field differs from what the plan wants. The host document does not say whether KVM lets anyone ' +
      'change it.',
    remedy: () => `${PROBE_IT}, or import it with the masks of a host of its kernel (--masks)`,
  },
  FieldValueRefused: {
    means: 'KVM lets a VMM change the field, but not to this value.',
    remedy: otherValue,
  },
  RegisterValueRefused: {
    means: 'KVM refuses the value of the register as a whole.',
    remedy: () => OTHER_HOSTS,
  },
  StoredOtherwise: {
    means: 'KVM accepts the write, but keeps a different value.',
    remedy: () => OTHER_HOSTS,
  },
  RegisterMissing: {
    means: 'The plan wants a value other than zero in a register that this host does not have.',
    remedy: () => OTHER_HOSTS,
  },
  RegistersUnknown: {
    means: 'The host document lacks registers that the plan specifies.',
    remedy: () => PROBE_IT,
  },
  IllegalCombination: {
    means: 'The Arm architecture forbids what guests on this host would see under the plan.',
    remedy: illegal,
  },
  FieldNotLevelable: {
    means: 'The field has no value that KVM can show on all members.',
    remedy: unlevelable,
  },
  LevellingUnknown: {
    means:
      'The members differ in the field. The host document of a member does not say whether KVM lets anyone ' +
      'change it.',
    remedy: (hosts: string) =>
      `probe ${hosts} (cpufeatures probe), or import them with the masks of a host of their kernel (--masks)`,
  },
  RequiredFeatureUnknown: {
    means: 'The profile requires a feature, and the host document does not say whether this host has it.',
    remedy: () => PROBE_IT,
  },
  RequiredFeatureMissing: {
    means: 'The host, or the base, lacks a feature that the profile requires.',
    remedy: lackedFeature,
  },
  ImplementationIdNotWritable: {
    means:
      'The plan wants an implementation ID other than the one of this host, and the kernel of this host ' +
      'cannot show another one.',
    remedy: (kernel?: string) =>
      kernel === undefined
        ? 'bring the host to Linux 6.15 or newer (KVM_CAP_ARM_WRITABLE_IMP_ID_REGS)'
        : `bring the nodes with Linux ${kernel} to Linux 6.15 or newer, or select other nodes`,
  },
  ImplementationIdUnknown: {
    means:
      'The plan wants an implementation ID, and the host document does not say whether this host can show ' +
      'it.',
    remedy: () => PROBE_IT,
  },
  FirmwareLevelTooHigh: {
    means: 'The plan wants a higher value of a firmware register than KVM has on this host.',
    remedy: () => NEWER_FIRMWARE,
  },
  FirmwareRegisterMissing: {
    means:
      'The plan wants a value other than zero in a firmware register that KVM does not have on this host.',
    remedy: () => NEWER_FIRMWARE,
  },
  FirmwareRegisterUnknown: {
    means: 'The host document lacks a firmware register that the plan specifies.',
    remedy: () => PROBE_IT,
  },
  CounterFrequencyDiffers: {
    means:
      'The generic timer of this host runs at a different frequency. Guests read the frequency untrapped, ' +
      'so KVM cannot change it.',
    remedy: () => 'make another profile for hosts of this frequency: time would run at a different speed',
  },
  CounterFrequencyUnknown: {
    means: 'The frequency of the generic timer was not measured on this host.',
    remedy: () => PROBE_FAILED,
  },
  ZeroBlockSizeDiffers: {
    means: 'This host has a different DCZID_EL0. Guests read it untrapped, so KVM cannot change it.',
    remedy: () => 'make another profile for such hosts: DC ZVA would clear a different number of bytes',
  },
  ZeroBlockSizeUnknown: {
    means: 'DCZID_EL0 was not measured on this host.',
    remedy: () => PROBE_FAILED,
  },
  TagLineDiffers: {
    means:
      'Guests on this host read a different CTR_EL0.TminLine, and use it to maintain memory tags. They read ' +
      'it untrapped, so KVM cannot change it.',
    remedy: () => 'set vcpuFeatures.mte to Disabled, or make another profile for such hosts',
  },
  TagLineUnknown: {
    means: 'Nobody measured which CTR_EL0.TminLine guests on this host read.',
    remedy: () => PROBE_FAILED,
  },
  SveVectorLengthsDiffer: {
    means: 'The host cannot give exactly the SVE vector lengths of the plan.',
    remedy: () => 'set vcpuFeatures.sve to Disabled, or take a baseline with such hosts in it',
  },
  SveVectorLengthsUnknown: {
    means: 'The host document lacks the SVE vector lengths.',
    remedy: () => `${PROBE_IT}, or set vcpuFeatures.sve to Disabled`,
  },
  NotTolerated: {
    means: 'The baseline rests on a difference that the profile no longer tolerates.',
    remedy: () => 'tolerate it again, or raise the generation of the base for a baseline without it',
  },
} as const

export type PlanReason = keyof typeof PLAN_REASONS

/** The reasons that say only that something is unknown: a plan may fit all the same. */
const UNKNOWN: ReadonlySet<string> = new Set([
  'VcpuFeatureUnknown',
  'ConfigurationUnknown',
  'WritableUnknown',
  'RegistersUnknown',
  'LevellingUnknown',
  'RequiredFeatureUnknown',
  'ImplementationIdUnknown',
  'FirmwareRegisterUnknown',
  'CounterFrequencyUnknown',
  'ZeroBlockSizeUnknown',
  'TagLineUnknown',
  'SveVectorLengthsUnknown',
] satisfies PlanReason[])

/** Whether a finding says only that something is unknown. */
export const isUnknownFit = ({ reason }: Pick<PlanFinding, 'reason'>): boolean => UNKNOWN.has(reason)

/** What a remedy is made from, by reason. */
type Details<R extends PlanReason> = Parameters<(typeof PLAN_REASONS)[R]['remedy']>

/** A finding about a plan and a host, with what would help. */
export const planFinding = <R extends PlanReason>(
  reason: R,
  about: Omit<PlanFinding, 'reason' | 'remedy'>,
  ...details: Details<R>
): PlanFinding => {
  // Of a union of reasons TypeScript knows the parameters together, and no longer which goes with which.
  const remedy = PLAN_REASONS[reason].remedy as (...given: Details<R>) => string
  return { reason, ...about, remedy: remedy(...details) }
}
