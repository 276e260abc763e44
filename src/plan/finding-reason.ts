/** Every reason a finding can have, with what it means: docs/errors.md is kept equal to this by a test. */
export const FINDING_REASONS = Object.freeze({
  VcpuFeatureMissing: 'The plan requires a vCPU feature that KVM does not give on this host.',
  ConfigurationUnknown: 'The report does not tell what the vCPU features of the plan show on this host.',
  FieldAboveLimit: 'The plan wants more of a field than this host can show.',
  FieldNotWritable: 'The field differs from what the plan wants and KVM lets nobody change it.',
  FieldValueRefused: 'KVM lets the field be changed, but not to this value.',
  RegisterValueRefused: 'KVM refuses the value of the register as a whole.',
  StoredOtherwise: 'KVM takes the value and keeps another one.',
  RegisterMissing: 'The host does not list a register that the plan specifies.',
  IllegalCombination: 'The architecture forbids what guests of this host would see under the plan.',
  FieldNotLevelable: 'The members have no value of the field in common that KVM lets each of them show.',
  RequiredFeatureMissing: 'A feature that the profile requires is not there.',
  ImplementationIdNotWritable: 'The plan shows another implementation ID, and this kernel cannot change it.',
  ImplementationIdDiffers: 'The hosts show different implementation IDs and the profile does not level them.',
  FirmwareLevelTooHigh: "The plan wants more of a firmware register than this host's KVM has.",
  FirmwareRegisterMissing: "The plan specifies a firmware register that this host's KVM does not have.",
  FirmwareLevelDiffers: 'A firmware register differs and the profile does not level it.',
  MitigationLevelDiffers: 'The hosts mitigate a CPU vulnerability differently, which cannot be levelled.',
  CounterFrequencyDiffers:
    'The generic timer runs at another frequency, which guests read untrapped and KVM cannot change.',
  CounterFrequencyUnknown: 'The frequency of the generic timer could not be measured.',
  ZeroBlockSizeDiffers: 'DCZID_EL0 differs, which guests read untrapped and KVM cannot change.',
  ZeroBlockSizeUnknown: 'DCZID_EL0 could not be measured.',
  TagLineDiffers:
    'CTR_EL0.TminLine, by which guests maintain memory tags, differs where they read it untrapped.',
  TagLineUnknown: 'CTR_EL0.TminLine could not be read as guests read it.',
  SveVectorLengthsDiffer: 'The SVE vector lengths differ.',
  IpaSizeDiffers: 'One host gives VMs larger physical addresses, and VMMs lay out their machine by it.',
  PmuDiffers: 'The PMU has other counters or events.',
  VcpuFeatureDiffers: 'One host has a vCPU feature that the profile leaves to the VMM, the other has not.',
  RegisterListDiffers: 'KVM lists other registers, so a migration stream does not fit.',
  FieldDiffers: 'A field that the profile does not specify differs, and KVM cannot bring it together.',
  ToleratedSurplus: 'The destination has more than was promised: guests can move there, but not back.',
  NotTolerated: 'The baseline rests on a difference that the profile does not tolerate any more.',
} as const)

export type FindingReason = keyof typeof FINDING_REASONS
