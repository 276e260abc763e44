/** Every reason why a plan may not fit a host, with what it means: docs/errors.md is kept equal to this by a test. */
export const PLAN_REASONS = Object.freeze({
  UnknownRegister: 'The plan names a register, field or feature that this version does not know.',
  VcpuFeatureMissing: 'The plan requires a vCPU feature that KVM does not give on this host.',
  ConfigurationUnknown: 'The report does not tell what the vCPU features of the plan show on this host.',
  FieldAboveLimit: 'The plan wants more of a field than this host can show.',
  FieldNotWritable: 'The field differs from what the plan wants, and KVM does not let anybody change it.',
  FieldValueRefused: 'KVM lets the field be changed, but not to this value.',
  RegisterValueRefused: 'KVM refuses the value of the register as a whole.',
  StoredOtherwise: 'KVM takes the value and keeps another one.',
  RegisterMissing: 'The host does not list a register that the plan specifies.',
  IllegalCombination: 'The architecture forbids what guests of this host would see under the plan.',
  FieldNotLevelable: 'The members have no value of the field in common that KVM lets each of them show.',
  RequiredFeatureMissing: 'The host, or the base, lacks a feature that the profile requires.',
  ImplementationIdNotWritable: 'The plan shows another implementation ID, and this kernel cannot change it.',
  FirmwareLevelTooHigh: "The plan wants more of a firmware register than this host's KVM has.",
  FirmwareRegisterMissing: "The plan specifies a firmware register that this host's KVM does not have.",
  CounterFrequencyDiffers:
    'The generic timer of this host runs at another frequency, which guests read untrapped and KVM cannot change.',
  CounterFrequencyUnknown: 'The frequency of the generic timer could not be measured on this host.',
  ZeroBlockSizeDiffers:
    'DCZID_EL0 of this host is another one, which guests read untrapped and KVM cannot change.',
  ZeroBlockSizeUnknown: 'DCZID_EL0 could not be measured on this host.',
  TagLineDiffers:
    'CTR_EL0.TminLine, by which guests maintain memory tags, is another one where guests of this host read it untrapped.',
  TagLineUnknown: 'CTR_EL0.TminLine could not be read as guests of this host read it.',
  SveVectorLengthsDiffer: 'The host cannot give exactly the SVE vector lengths of the plan.',
  NotTolerated: 'The baseline rests on a difference that the profile no longer tolerates.',
} as const)

export type PlanReason = keyof typeof PLAN_REASONS

/** Every reason why VMs may not move between two hosts that both fit their plan. */
export const REACH_REASONS = Object.freeze({
  CounterFrequencyDiffers:
    'The generic timers run at different frequencies, which guests read untrapped and KVM cannot change.',
  CounterFrequencyUnknown: 'The frequency of a generic timer could not be measured.',
  ZeroBlockSizeDiffers: 'DCZID_EL0 differs, which guests read untrapped and KVM cannot change.',
  ZeroBlockSizeUnknown: 'DCZID_EL0 of one of them could not be measured.',
  TagLineDiffers:
    'CTR_EL0.TminLine, by which guests maintain memory tags, differs where they read it untrapped.',
  TagLineUnknown: 'CTR_EL0.TminLine of one of them could not be read as guests read it.',
  SveVectorLengthsDiffer: 'The SVE vector lengths differ.',
  ImplementationIdDiffers: 'The hosts show different implementation IDs and the profile does not level them.',
  FirmwareLevelDiffers: 'A firmware register differs and the profile does not level it.',
  MitigationLevelDiffers: 'The hosts mitigate a CPU vulnerability differently, which cannot be levelled.',
  IpaSizeDiffers: 'One host gives VMs larger physical addresses, and VMMs lay out their machine by it.',
  PmuDiffers: 'The PMUs have different counters or events.',
  VcpuFeatureDiffers: 'One host has a vCPU feature that the profile leaves to the VMM, the other has not.',
  RegisterListDiffers: 'KVM lists other registers, so a migration stream does not fit.',
  FieldDiffers: 'A field that the profile does not specify differs, and KVM cannot bring it together.',
  ToleratedSurplus: 'The destination has more than was promised: VMs can move there, but not back.',
} as const)

export type ReachReason = keyof typeof REACH_REASONS
