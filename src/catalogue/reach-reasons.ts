import type { ReachFinding } from '../api/finding.ts'
import { PROBE_FAILED, PROBE_IT } from './plan-reasons.ts'

/** Every reason why VMs may not move between two hosts that both fit their plan: what it means, and what would help. */
export const REACH_REASONS = {
  CounterFrequencyDiffers: {
    means:
      'The generic timers of the two hosts have different frequencies. Guests read the frequency ' +
      'untrapped, so KVM cannot change what they read.',
    remedy: () => 'none: time would run at a different speed after the move',
  },
  CounterFrequencyUnknown: {
    means: 'Nobody measured the frequency of the generic timer on one of the hosts.',
    remedy: () => PROBE_FAILED,
  },
  ZeroBlockSizeDiffers: {
    means:
      'The hosts have different values in DCZID_EL0. Guests read it untrapped, so KVM cannot change ' +
      'what they read.',
    remedy: () => 'none: DC ZVA would clear a different number of bytes after the move',
  },
  ZeroBlockSizeUnknown: {
    means: 'Nobody measured DCZID_EL0 on one of the hosts.',
    remedy: () => PROBE_FAILED,
  },
  TagLineDiffers: {
    means:
      'Guests on the two hosts read different values in CTR_EL0.TminLine, and use them to maintain ' +
      'memory tags. They read it untrapped, so KVM cannot change what they read.',
    remedy: () =>
      'set vcpuFeatures.mte to Disabled: guests would maintain memory tags with a different line size',
  },
  TagLineUnknown: {
    means: 'Nobody measured which value guests on one of the hosts read in CTR_EL0.TminLine.',
    remedy: () => PROBE_FAILED,
  },
  SveVectorLengthsDiffer: {
    means: 'The hosts have different SVE vector lengths.',
    remedy: () => 'set vcpuFeatures.sve to Disabled, or take base nodes, which levels the lengths',
  },
  SveVectorLengthsUnknown: {
    means: 'The document of one host lacks the SVE vector lengths.',
    remedy: () => `${PROBE_IT}, or set vcpuFeatures.sve to Disabled`,
  },
  ImplementationIdUnknown: {
    means:
      'The profile does not level the implementation ID, and the document of one host lacks a ' +
      'register of it.',
    remedy: () => PROBE_IT,
  },
  CoreKindsDiffer: {
    means:
      'A host has cores of several kinds, and the profile does not level MIDR_EL1. So the MIDR_EL1 of ' +
      'a VM depends on the kind of core on which the VM was made.',
    remedy: () =>
      'keep each VM on cores of one kind (a cpuset), or set `implementation: {midr: FromBaseline}` if guests may see a foreign one',
  },
  ImplementationIdDiffers: {
    means: 'The hosts have different implementation IDs, and the profile does not level them.',
    remedy: () =>
      'set `implementation: {midr: FromBaseline}` if guests may see a foreign one (they pick errata workarounds by it)',
  },
  FirmwareLevelDiffers: {
    means: 'The hosts have different values in a firmware register, and the profile does not level it.',
    remedy: () => 'take base nodes, which levels firmware registers, or bring the kernels together',
  },
  FirmwareRegistersUnknown: {
    means: 'The profile does not level some firmware registers, and the document of one host lacks them.',
    remedy: () => PROBE_IT,
  },
  CacheLinesDiffer: {
    means:
      'The hosts have cache lines of different sizes. A migration stream contains the size of the ' +
      'source host (CCSIDR_EL1). KVM refuses a size that is smaller than the size of the destination.',
    remedy: () =>
      'take a baseline (base nodes) with both in it, which leaves CCSIDR_EL1 out of the register list',
  },
  RegisterUnclassified: {
    means:
      'KVM lists registers that this version of cpufeatures does not know. So cpufeatures cannot say ' +
      'whether one host accepts the values of the other.',
    remedy: () => 'use a newer version of cpufeatures, or look the registers up in the kernel of the hosts',
  },
  MitigationLevelDiffers: {
    means: 'The hosts mitigate a CPU vulnerability differently, and nobody can level this difference.',
    remedy: () =>
      'none: hiding a mitigation from guests is no choice; bring firmware and kernel of the hosts together',
  },
  IpaSizeDiffers: {
    means:
      'One host allows larger physical addresses in VMs than the other. VMMs choose the memory layout ' +
      'of a VM by this size.',
    remedy: () => 'take a baseline with both in it, or lower ID_AA64MMFR0_EL1.PARANGE in spec.registers',
  },
  IpaSizeUnknown: {
    means: 'The document of one host does not say how large the physical addresses of a VM can be.',
    remedy: () => PROBE_IT,
  },
  PmuUnknown: {
    means: 'The document of one host does not say which counters and events its PMU has.',
    remedy: () => `${PROBE_IT}, or set vcpuFeatures.pmu to Disabled`,
  },
  PmuDiffers: {
    means: 'The PMUs of the hosts have different counters or events.',
    remedy: () => 'set vcpuFeatures.pmu to Disabled: its counters and events stay those of the host',
  },
  VcpuFeatureDiffers: {
    means: 'The profile neither requires nor disables a vCPU feature, and only one of the hosts has it.',
    remedy: (feature: string) => `set vcpuFeatures.${feature} to Disabled`,
  },
  VcpuFeatureUnknown: {
    means:
      'The document of one host does not say whether KVM offers a vCPU feature that the profile ' + 'allows.',
    remedy: (feature: string) => `${PROBE_IT}, or set vcpuFeatures.${feature} to Disabled`,
  },
  ConfigurationUnknown: {
    means:
      'The document of one host does not say which register values a vCPU with the vCPU features of ' +
      'the VMs has.',
    remedy: () => PROBE_IT,
  },
  RegisterListUnknown: {
    means: 'The document of one host does not say which registers KVM lists.',
    remedy: () => PROBE_IT,
  },
  RegistersUnknown: {
    means: 'The document of one host lacks ID registers that a migration stream contains.',
    remedy: () => PROBE_IT,
  },
  WritableUnknown: {
    means:
      'The hosts show different values in a field. cpufeatures does not know whether KVM on one host ' +
      'accepts the value of the other.',
    remedy: () => `${PROBE_IT}, or take a full-view base (nodes or view), which brings every field together`,
  },
  RegisterListDiffers: {
    means:
      'KVM lists different registers on the two hosts. So a migration stream from one host does not ' +
      'fit the other.',
    remedy: () =>
      'take a baseline (base nodes) with both in it, which leaves these out, or bring the kernels together',
  },
  FieldDiffers: {
    means:
      'The hosts show different values in a field that the profile does not specify. KVM on one of ' +
      'the hosts does not accept the value of the other.',
    remedy: () => 'take a full-view base (nodes or view), which brings every field together',
  },
  ToleratedSurplus: {
    means: 'The destination shows more than the plan promises. VMs can move there, but not back.',
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
