import type { ReachFinding } from '../api/finding.ts'
import { PROBE_FAILED, PROBE_IT } from './plan-reasons.ts'

/** Every reason why VMs may not move between two hosts that both fit their plan: what it means, and what would help. */
export const REACH_REASONS = {
  CounterFrequencyDiffers: {
    means:
      'The generic timers run at different frequencies. Guests read the frequency untrapped, so KVM cannot ' +
      'change it.',
    remedy: () => 'none: time would run at a different speed after the move',
  },
  CounterFrequencyUnknown: {
    means: 'The frequency of the generic timer was not measured on one of the hosts.',
    remedy: () => PROBE_FAILED,
  },
  ZeroBlockSizeDiffers: {
    means: 'DCZID_EL0 differs. Guests read it untrapped, so KVM cannot change it.',
    remedy: () => 'none: DC ZVA would clear a different number of bytes after the move',
  },
  ZeroBlockSizeUnknown: {
    means: 'DCZID_EL0 was not measured on one of the hosts.',
    remedy: () => PROBE_FAILED,
  },
  TagLineDiffers: {
    means:
      'CTR_EL0.TminLine differs, and guests use it to maintain memory tags. They read it untrapped, so KVM ' +
      'cannot change it.',
    remedy: () =>
      'set vcpuFeatures.mte to Disabled: guests would maintain memory tags with a different line size',
  },
  TagLineUnknown: {
    means: 'Nobody measured which CTR_EL0.TminLine guests on one of the hosts read.',
    remedy: () => PROBE_FAILED,
  },
  SveVectorLengthsDiffer: {
    means: 'The SVE vector lengths differ.',
    remedy: () => 'set vcpuFeatures.sve to Disabled, or take base nodes, which levels the lengths',
  },
  SveVectorLengthsUnknown: {
    means: 'One host document lacks the SVE vector lengths.',
    remedy: () => `${PROBE_IT}, or set vcpuFeatures.sve to Disabled`,
  },
  ImplementationIdUnknown: {
    means: 'One host document lacks an implementation ID register that the profile does not level.',
    remedy: () => PROBE_IT,
  },
  CoreKindsDiffer: {
    means:
      'A host has cores of several kinds, and the profile does not level MIDR_EL1. A VM shows the MIDR_EL1 ' +
      'of the cores on which it was made.',
    remedy: () =>
      'keep each VM on cores of one kind (a cpuset), or set `implementation: {midr: FromBaseline}` if guests may see a foreign one',
  },
  ImplementationIdDiffers: {
    means: 'The hosts show different implementation IDs, and the profile does not level them.',
    remedy: () =>
      'set `implementation: {midr: FromBaseline}` if guests may see a foreign one (they pick errata workarounds by it)',
  },
  FirmwareLevelDiffers: {
    means: 'A firmware register differs, and the profile does not level it.',
    remedy: () => 'take base nodes, which levels firmware registers, or bring the kernels together',
  },
  FirmwareRegistersUnknown: {
    means: 'One host document lacks firmware registers that the profile does not level.',
    remedy: () => PROBE_IT,
  },
  CacheLinesDiffer: {
    means:
      'The hosts have cache lines of different sizes. A migration stream carries the size of the source ' +
      '(CCSIDR_EL1), and KVM refuses lines that are smaller than those of the destination.',
    remedy: () =>
      'take a baseline (base nodes) with both in it, which leaves CCSIDR_EL1 out of the register list',
  },
  RegisterUnclassified: {
    means:
      'KVM lists registers that this version does not know. So nobody can say whether one host accepts ' +
      'their values from the other.',
    remedy: () => 'use a newer version of cpufeatures, or look the registers up in the kernel of the hosts',
  },
  MitigationLevelDiffers: {
    means: 'The hosts mitigate a CPU vulnerability differently, and nobody can level that.',
    remedy: () =>
      'none: hiding a mitigation from guests is no choice; bring firmware and kernel of the hosts together',
  },
  IpaSizeDiffers: {
    means:
      'One host gives VMs larger physical addresses than the other, and VMMs choose their memory layout ' +
      'accordingly.',
    remedy: () => 'take a baseline with both in it, or lower ID_AA64MMFR0_EL1.PARANGE in spec.registers',
  },
  IpaSizeUnknown: {
    means: 'One host document does not say how large the physical addresses of a VM can be.',
    remedy: () => PROBE_IT,
  },
  PmuUnknown: {
    means: 'One host document lacks the counters and events of the PMU.',
    remedy: () => `${PROBE_IT}, or set vcpuFeatures.pmu to Disabled`,
  },
  PmuDiffers: {
    means: 'The PMUs have different counters or events.',
    remedy: () => 'set vcpuFeatures.pmu to Disabled: its counters and events stay those of the host',
  },
  VcpuFeatureDiffers: {
    means: 'One host has a vCPU feature that the profile leaves to the VMM, and the other does not have it.',
    remedy: (feature: string) => `set vcpuFeatures.${feature} to Disabled`,
  },
  VcpuFeatureUnknown: {
    means: 'One host document does not say whether KVM gives a vCPU feature that VMs may have.',
    remedy: (feature: string) => `${PROBE_IT}, or set vcpuFeatures.${feature} to Disabled`,
  },
  ConfigurationUnknown: {
    means: 'One host document does not say what a vCPU with the vCPU features of the VMs shows.',
    remedy: () => PROBE_IT,
  },
  RegisterListUnknown: {
    means: 'One host document does not say which registers KVM lists.',
    remedy: () => PROBE_IT,
  },
  RegistersUnknown: {
    means: 'One host document lacks ID registers that a migration stream carries.',
    remedy: () => PROBE_IT,
  },
  WritableUnknown: {
    means: 'A field differs, and nobody knows whether the KVM of one host accepts the value of the other.',
    remedy: () => `${PROBE_IT}, or take a full-view base (nodes or view), which brings every field together`,
  },
  RegisterListDiffers: {
    means:
      'KVM lists different registers on the two hosts, so the migration stream of one does not fit the ' +
      'other.',
    remedy: () =>
      'take a baseline (base nodes) with both in it, which leaves these out, or bring the kernels together',
  },
  FieldDiffers: {
    means:
      'The hosts differ in a field that the profile does not specify, and KVM cannot make both show the ' +
      'same value.',
    remedy: () => 'take a full-view base (nodes or view), which brings every field together',
  },
  ToleratedSurplus: {
    means: 'The destination shows more than the plan promises: VMs can move there, but not back.',
    remedy: () => 'none: VMs can move to the richer host, and not back',
  },
} as const

export type ReachReason = keyof typeof REACH_REASONS

const UNKNOWN: ReadonlySet<string> = new Set([
  'CounterFrequencyUnknown',
  'ZeroBlockSizeUnknown',
  'TagLineUnknown',
  'SveVectorLengthsUnknown',
  'CoreKindsDiffer',
  'ImplementationIdUnknown',
  'FirmwareRegistersUnknown',
  'IpaSizeUnknown',
  'PmuUnknown',
  'VcpuFeatureUnknown',
  'ConfigurationUnknown',
  'RegisterListUnknown',
  'RegistersUnknown',
  'RegisterUnclassified',
  'WritableUnknown',
] satisfies ReachReason[])

/** Whether a finding says only that something is unknown: VMs may be able to move all the same. */
export const isUnknownReach = ({ reason }: Pick<ReachFinding, 'reason'>): boolean => UNKNOWN.has(reason)

/** What a remedy is made from, by reason. */
export type ReachDetails<R extends ReachReason> = Parameters<(typeof REACH_REASONS)[R]['remedy']>

/** What would help where VMs cannot move for this reason. */
export const reachRemedy = <R extends ReachReason>(reason: R, ...details: ReachDetails<R>): string => {
  // Of a union of reasons TypeScript knows the parameters together, and no longer which goes with which.
  const remedy = REACH_REASONS[reason].remedy as (...given: ReachDetails<R>) => string
  return remedy(...details)
}
