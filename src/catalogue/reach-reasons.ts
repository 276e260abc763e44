import type { ReachFinding } from '../api/finding.ts'
import { PROBE_FAILED, PROBE_IT } from './plan-reasons.ts'

/** Every reason why VMs may not move between two hosts that both fit their plan: what it means, and what would help. */
export const REACH_REASONS = {
  CounterFrequencyDiffers: {
    means:
      'The generic timers run at different frequencies, which guests read untrapped and KVM cannot change.',
    remedy: () => 'none: time would run at a different speed after the move',
  },
  CounterFrequencyUnknown: {
    means: 'The frequency of a generic timer was not measured.',
    remedy: () => PROBE_FAILED,
  },
  ZeroBlockSizeDiffers: {
    means: 'DCZID_EL0 differs, which guests read untrapped and KVM cannot change.',
    remedy: () => 'none: DC ZVA would clear a different number of bytes after the move',
  },
  ZeroBlockSizeUnknown: {
    means: 'DCZID_EL0 of one of them was not measured.',
    remedy: () => PROBE_FAILED,
  },
  TagLineDiffers: {
    means: 'CTR_EL0.TminLine differs. Guests read it untrapped, and they use it to maintain memory tags.',
    remedy: () =>
      'set vcpuFeatures.mte to Disabled: guests would maintain memory tags with a different line size',
  },
  TagLineUnknown: {
    means: 'CTR_EL0.TminLine of one of them was not read as guests read it.',
    remedy: () => PROBE_FAILED,
  },
  SveVectorLengthsDiffer: {
    means: 'The SVE vector lengths differ.',
    remedy: () => 'set vcpuFeatures.sve to Disabled, or take base nodes, which levels the lengths',
  },
  SveVectorLengthsUnknown: {
    means: 'The document of one of them does not tell its SVE vector lengths.',
    remedy: () => `${PROBE_IT}, or set vcpuFeatures.sve to Disabled`,
  },
  ImplementationIdUnknown: {
    means:
      'The document of one of them does not tell an implementation ID register, and the profile does not level it.',
    remedy: () => PROBE_IT,
  },
  CoreKindsDiffer: {
    means:
      'A host has cores of several kinds. Its VMs show the MIDR_EL1 of the cores on which they were made, ' +
      'and the profile does not level it.',
    remedy: () =>
      'keep each VM on cores of one kind (a cpuset), or set `implementation: {midr: FromBaseline}` if guests may see a foreign one',
  },
  ImplementationIdDiffers: {
    means: 'The hosts show different implementation IDs and the profile does not level them.',
    remedy: () =>
      'set `implementation: {midr: FromBaseline}` if guests may see a foreign one (they pick errata workarounds by it)',
  },
  FirmwareLevelDiffers: {
    means: 'A firmware register differs and the profile does not level it.',
    remedy: () => 'take base nodes, which levels firmware registers, or bring the kernels together',
  },
  FirmwareRegistersUnknown: {
    means: 'The document of one of them does not tell firmware registers that the profile does not level.',
    remedy: () => PROBE_IT,
  },
  CacheLinesDiffer: {
    means:
      'The caches have lines of different size. KVM makes CCSIDR_EL1 of a stream from the host, and refuses lines that are smaller than ' +
      'those of its own host.',
    remedy: () =>
      'take a baseline (base nodes) with both in it, which leaves CCSIDR_EL1 out of the register list',
  },
  RegisterUnclassified: {
    means:
      'KVM lists registers that this version does not know, so it cannot say whether a host takes their values from another.',
    remedy: () => 'use a newer version of cpufeatures, or look the registers up in the kernel of the hosts',
  },
  MitigationLevelDiffers: {
    means: 'The hosts mitigate a CPU vulnerability differently, which cannot be levelled.',
    remedy: () =>
      'none: hiding a mitigation from guests is no choice; bring firmware and kernel of the hosts together',
  },
  IpaSizeDiffers: {
    means: 'One host gives VMs larger physical addresses, and VMMs choose their memory layout from it.',
    remedy: () => 'take a baseline with both in it, or lower ID_AA64MMFR0_EL1.PARANGE in spec.registers',
  },
  IpaSizeUnknown: {
    means: 'The document of one of them does not tell how large the physical addresses of its VMs can be.',
    remedy: () => PROBE_IT,
  },
  PmuUnknown: {
    means: 'The document of one of them does not tell the counters and events of its PMU.',
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
    means:
      'The document of one of them does not tell whether its KVM gives a vCPU feature that VMs may have.',
    remedy: (feature: string) => `${PROBE_IT}, or set vcpuFeatures.${feature} to Disabled`,
  },
  ConfigurationUnknown: {
    means: 'The document of one of them does not tell what the vCPU features of the VMs show there.',
    remedy: () => PROBE_IT,
  },
  RegisterListUnknown: {
    means: 'The document of one of them does not tell which registers its KVM lists.',
    remedy: () => PROBE_IT,
  },
  RegistersUnknown: {
    means: 'The document of one of them does not tell ID registers that a migration stream carries.',
    remedy: () => PROBE_IT,
  },
  WritableUnknown: {
    means: 'A field differs, and nobody knows whether the KVM of one host accepts the value of the other.',
    remedy: () => `${PROBE_IT}, or take a full-view base (nodes or view), which brings every field together`,
  },
  RegisterListDiffers: {
    means: 'KVM lists different registers on the two hosts, so a migration stream does not fit.',
    remedy: () =>
      'take a baseline (base nodes) with both in it, which leaves these out, or bring the kernels together',
  },
  FieldDiffers: {
    means:
      'A field that the profile does not specify differs, and KVM cannot give it the same value on both hosts.',
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
