import type { ReachFinding } from '../api/finding.ts'
import { PROBE_FAILED, PROBE_IT } from './plan-reasons.ts'

/** Every reason why VMs may not move between two hosts that both fit their plan: what it means, and what would help. */
export const REACH_REASONS = {
  CounterFrequencyDiffers: {
    means:
      'The generic timers of the two hosts have different frequencies. Guests read the frequency ' +
      'untrapped, so KVM cannot change what they read.',
    remedy: () => 'there is none: after a move, time would run at a different speed',
  },
  CounterFrequencyUnknown: {
    means: 'Nobody measured the frequency of the generic timer on one of the hosts.',
    remedy: () => PROBE_FAILED,
  },
  ZeroBlockSizeDiffers: {
    means:
      'The hosts have different values in DCZID_EL0. Guests read it untrapped, so KVM cannot change ' +
      'what they read.',
    remedy: () =>
      'there is none: after a move, the instruction DC ZVA would clear a different number of bytes',
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
      'set vcpuFeatures.mte to Disabled: otherwise, guests would maintain memory tags with a different line size after ' +
      'a move',
  },
  TagLineUnknown: {
    means: 'Nobody measured which value guests on one of the hosts read in CTR_EL0.TminLine.',
    remedy: () => PROBE_FAILED,
  },
  SveVectorLengthsDiffer: {
    means: 'The hosts have different SVE vector lengths.',
    remedy: () => 'set vcpuFeatures.sve to Disabled, or use base nodes, which levels the lengths',
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
      'keep each VM on cores of one kind (with a cpuset). Or set `implementation: {midr: FromBaseline}`, if guests may ' +
      'see the MIDR_EL1 of another host',
  },
  ImplementationIdDiffers: {
    means: 'The hosts have different implementation IDs, and the profile does not level them.',
    remedy: () =>
      'set `implementation: {midr: FromBaseline}`, if guests may see the MIDR_EL1 of another host (they choose errata ' +
      'workarounds by it)',
  },
  FirmwareLevelDiffers: {
    means: 'The hosts have different values in a firmware register, and the profile does not level it.',
    remedy: () => 'use base nodes, which levels firmware registers, or use the same kernel on both hosts',
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
      'use a baseline (base nodes) that includes both hosts: it leaves CCSIDR_EL1 out of the register list',
  },
  RegisterUnclassified: {
    means:
      'KVM lists registers that this version of cpufeatures does not know. So cpufeatures cannot say ' +
      'whether one host accepts the values of the other.',
    remedy: () =>
      'use a newer version of cpufeatures, or find out from the kernel of the hosts what these registers do',
  },
  MitigationLevelDiffers: {
    means: 'The hosts mitigate a CPU vulnerability differently, and nobody can level this difference.',
    remedy: () =>
      'use the same firmware and kernel on both hosts. A profile cannot help, because it must not hide a mitigation from guests',
  },
  IpaSizeDiffers: {
    means:
      'One host allows larger physical addresses in VMs than the other. VMMs choose the memory layout ' +
      'of a VM by this size.',
    remedy: () =>
      'use a baseline that includes both hosts, or lower ID_AA64MMFR0_EL1.PARANGE in spec.registers',
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
    remedy: () => 'set vcpuFeatures.pmu to Disabled: nobody can level the counters and events of a PMU',
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
    remedy: () =>
      `${PROBE_IT}, or use a base that is a full view (nodes or view), because it levels every field`,
  },
  RegisterListDiffers: {
    means:
      'KVM lists different registers on the two hosts. So a migration stream from one host does not ' +
      'fit the other.',
    remedy: () =>
      'use a baseline (base nodes) that includes both hosts: it leaves these registers out. Or use the same kernel on both hosts',
  },
  FieldDiffers: {
    means:
      'The hosts show different values in a field that the profile does not specify. KVM on one of ' +
      'the hosts does not accept the value of the other.',
    remedy: () => 'use a base that is a full view (nodes or view), because it levels every field',
  },
  ToleratedSurplus: {
    means: 'The destination shows more than the plan promises. VMs can move there, but not back.',
    remedy: () => 'there is none: the profile accepts that VMs can move only to the host that shows more',
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
