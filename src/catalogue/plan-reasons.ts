import type { PlanFinding } from '../api/finding.ts'
import { notWritable, otherValue, unlevelable } from './field-remedies.ts'

/** For what a probe should have told. */
export const PROBE_FAILED =
  'probe the host (cpufeatures probe). If you already did, find out why the probe could not run a VM on it'
const NEWER_FIRMWARE = 'use a newer kernel on the host, or use a baseline that includes such hosts'
/** For what a document does not tell. */
export const PROBE_IT = 'probe the host (cpufeatures probe)'
const OTHER_HOSTS = 'use other hosts, or use a baseline that includes such hosts'

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
      return `use other hosts, or remove ${feature} from spec.features`
    case 'base':
      return `remove ${lacked.place}, or use a base that has ${feature} (for a stored baseline: raise the generation of the base)`
    case 'member':
      return `use a version of the architecture before ${lacked.version}, or add nodes that have ${feature}`
    default:
      return lacked satisfies never
  }
}

const illegal = (features: readonly string[]): string =>
  features.length === 0
    ? 'use a baseline that includes such hosts, or use other hosts'
    : `also disable ${features.join(', ')} in spec.features, or use other hosts`

/** Every reason why a plan may not fit a host: what it means, and what would help. docs/errors.md has them all. */
export const PLAN_REASONS = {
  UnknownRegister: {
    means: 'The plan names a register, field or feature that this version of cpufeatures does not know.',
    remedy: () => 'use the version that compiled the revision',
  },
  RevisionAltered: {
    means:
      'Somebody changed the plan after the revision got its name: the hash of the plan is not the ' +
      'hash in the name.',
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
    means: 'The plan requires a vCPU feature that KVM on this host does not offer.',
    remedy: (feature: string) => `set vcpuFeatures.${feature} to Disabled, or leave such hosts out`,
  },
  VcpuFeatureUnknown: {
    means:
      'The host document does not say whether KVM offers a vCPU feature that the plan requires or ' +
      'allows.',
    remedy: (feature: string) => `${PROBE_IT}, or set vcpuFeatures.${feature} to Disabled`,
  },
  KernelTooOld: {
    means:
      'The kernel of this host is older than Linux 6.7. Before that version, KVM does not report ' +
      'which fields a VMM may change.',
    remedy: () =>
      'boot Linux 6.7 or newer. If the vendor has added this ability to an older kernel, probe the host',
  },
  ConfigurationUnknown: {
    means:
      'The host document does not say which register values a vCPU with the vCPU features of the plan ' +
      'has.',
    remedy: () =>
      'probe the host with this version of cpufeatures: its document lacks the vCPU features of the plan',
  },
  FieldAboveLimit: {
    means: 'The plan specifies a value of a field that goes beyond what this host can show.',
    remedy: otherValue,
  },
  FieldNotWritable: {
    means:
      'The host shows another value in a field than the plan specifies, and KVM does not let a VMM ' +
      'change the field.',
    remedy: notWritable,
  },
  WritableUnknown: {
    means:
      'The host shows another value in a field than the plan specifies. The host document does not ' +
      'say whether KVM lets a VMM change the field.',
    remedy: () => `${PROBE_IT}, or import it with the masks of a host that has the same kernel (--masks)`,
  },
  FieldValueRefused: {
    means: 'KVM lets a VMM change the field, but refuses the value in the plan.',
    remedy: otherValue,
  },
  RegisterValueRefused: {
    means: 'KVM refuses the value of the whole register. It does not say which field is the reason.',
    remedy: () => OTHER_HOSTS,
  },
  StoredOtherwise: {
    means: 'KVM accepts the value that a VMM writes, but then keeps a different value.',
    remedy: () => OTHER_HOSTS,
  },
  RegisterMissing: {
    means:
      'The plan specifies a value other than zero in a register, and this host does not have this ' +
      'register.',
    remedy: () => OTHER_HOSTS,
  },
  RegistersUnknown: {
    means: 'The host document lacks registers that the plan specifies.',
    remedy: () => PROBE_IT,
  },
  IllegalCombination: {
    means:
      'Under the plan, guests on this host would see a combination of values that the Arm ' +
      'architecture does not allow.',
    remedy: illegal,
  },
  FieldNotLevelable: {
    means: 'There is no value of this field that KVM can show on all members of the baseline.',
    remedy: unlevelable,
  },
  LevellingUnknown: {
    means:
      'The members of the baseline show different values in a field. The host document of one member ' +
      'does not say whether KVM lets a VMM change the field.',
    remedy: (hosts: string) =>
      `probe ${hosts} (cpufeatures probe), or import them with the masks of a host that has the same kernel (--masks)`,
  },
  RequiredFeatureUnknown: {
    means: 'The profile requires a feature. The host document does not say whether this host has it.',
    remedy: () => PROBE_IT,
  },
  RequiredFeatureMissing: {
    means:
      'The profile requires a feature that the host does not have, or that the base of the profile ' +
      'does not show.',
    remedy: lackedFeature,
  },
  ImplementationIdNotWritable: {
    means:
      'The plan specifies another implementation ID than this host has, and the kernel of this host ' +
      'cannot show another one.',
    remedy: (kernel?: string) =>
      kernel === undefined
        ? 'use Linux 6.15 or newer on the host (KVM_CAP_ARM_WRITABLE_IMP_ID_REGS)'
        : `use Linux 6.15 or newer on the nodes that have Linux ${kernel}, or select other nodes`,
  },
  ImplementationIdUnknown: {
    means:
      'The plan specifies an implementation ID. The host document does not say whether this host can ' +
      'show it.',
    remedy: () => PROBE_IT,
  },
  FirmwareLevelTooHigh: {
    means: 'The plan specifies a higher value in a firmware register than KVM on this host can show.',
    remedy: () => NEWER_FIRMWARE,
  },
  FirmwareRegisterMissing: {
    means:
      'The plan specifies a value other than zero in a firmware register, and KVM on this host does ' +
      'not have this register.',
    remedy: () => NEWER_FIRMWARE,
  },
  FirmwareRegisterUnknown: {
    means: 'The host document lacks a firmware register that the plan specifies.',
    remedy: () => PROBE_IT,
  },
  CounterFrequencyDiffers: {
    means:
      'The generic timer of this host has another frequency than the plan specifies. Guests read the ' +
      'frequency untrapped, so KVM cannot change what they read.',
    remedy: () =>
      'make another profile for hosts with this frequency: otherwise, time would run at a different speed in guests',
  },
  CounterFrequencyUnknown: {
    means: 'Nobody measured the frequency of the generic timer on this host.',
    remedy: () => PROBE_FAILED,
  },
  ZeroBlockSizeDiffers: {
    means:
      'The register DCZID_EL0 of this host has another value than the plan specifies. Guests read it ' +
      'untrapped, so KVM cannot change what they read.',
    remedy: () =>
      'make another profile for such hosts: otherwise, the instruction DC ZVA would clear a different number of bytes',
  },
  ZeroBlockSizeUnknown: {
    means: 'Nobody measured DCZID_EL0 on this host.',
    remedy: () => PROBE_FAILED,
  },
  TagLineDiffers: {
    means:
      'Guests on this host read another value in CTR_EL0.TminLine than the plan specifies, and use it ' +
      'to maintain memory tags. They read it untrapped, so KVM cannot change what they read.',
    remedy: () => 'set vcpuFeatures.mte to Disabled, or make another profile for such hosts',
  },
  TagLineUnknown: {
    means: 'Nobody measured which value guests on this host read in CTR_EL0.TminLine.',
    remedy: () => PROBE_FAILED,
  },
  SveVectorLengthsDiffer: {
    means: 'This host cannot give a vCPU exactly the SVE vector lengths that the plan specifies.',
    remedy: () => 'set vcpuFeatures.sve to Disabled, or use a baseline that includes such hosts',
  },
  SveVectorLengthsUnknown: {
    means: 'The host document lacks the SVE vector lengths.',
    remedy: () => `${PROBE_IT}, or set vcpuFeatures.sve to Disabled`,
  },
  NotTolerated: {
    means:
      'The stored baseline depends on a tolerated difference, and the profile no longer tolerates ' +
      'this difference.',
    remedy: () =>
      'tolerate the difference again, or raise the generation of the base to get a baseline without it',
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
