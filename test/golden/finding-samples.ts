import type { PlanFinding, ReachFinding } from '../../src/api/finding.ts'
import type { PlanReason } from '../../src/catalogue/plan-reasons.ts'
import type { ReachReason } from '../../src/catalogue/reach-reasons.ts'

/** A plan against a host, by reason, with the data that the engine puts into it. */
export const PLAN_FINDING_SAMPLES: Readonly<Record<PlanReason, Omit<PlanFinding, 'reason'>>> = {
  UnknownRegister: {
    register: 'ID_AA64ISAR0_EL1',
    field: 'NEW',
    remedy: 'use the version that compiled the revision',
  },
  VcpuFeatureMissing: {
    wanted: 'sve',
    limit: 'KVM_CAP_ARM_SVE 0',
    remedy: 'leave such hosts out, or do not require sve',
  },
  ConfigurationUnknown: {
    remedy: 'probe the host with this version: its report lacks the vCPU features of the plan',
  },
  FieldAboveLimit: {
    register: 'ID_AA64ISAR0_EL1',
    field: 'RNDR',
    wanted: '0x1',
    limit: '0x0',
    writable: true,
    remedy: 'disable FEAT_RNG in the profile, or leave such hosts out',
  },
  IllegalCombination: {
    register: 'ID_AA64ZFR0_EL1',
    wanted: 'FEAT_SVE_AES without FEAT_SVE2',
    limit: '0x100100110020',
    remedy: 'disable FEAT_SVE_AES too in spec.features, or leave such hosts out',
  },
  FieldNotWritable: {
    register: 'ID_AA64MMFR2_EL1',
    field: 'IDS',
    wanted: '0x0',
    limit: '0x1',
    writable: false,
    remedy: 'tolerate FEAT_IDST, or leave such hosts out',
  },
  FieldValueRefused: {
    register: 'ID_AA64MMFR0_EL1',
    field: 'TGRAN4_2',
    wanted: '0x0',
    limit: '0x2',
    writable: true,
    remedy: 'show 0x1 or what the host has',
  },
  RegisterValueRefused: {
    register: 'ID_AA64DFR0_EL1',
    wanted: '0x10305106',
    limit: '0x10305408',
    writable: true,
    remedy: 'show a debug version of 6 or more',
  },
  StoredOtherwise: {
    register: 'ID_AA64PFR0_EL1',
    field: 'MPAM',
    wanted: '0x0',
    limit: '0x1',
    writable: true,
    remedy: 'leave the field out of the profile',
  },
  RegisterMissing: {
    register: 'ID_AA64FPFR0_EL1',
    remedy: 'update the kernel of the host, or leave the register out of the profile',
  },
  FieldNotLevelable: {
    register: 'ID_AA64MMFR2_EL1',
    field: 'IDS',
    wanted: 'one value on all members',
    limit: '0x0, 0x1',
    writable: false,
    remedy:
      'set `tolerate: {features: [FEAT_IDST]}` if guests may see the difference; ' +
      'or select nodes that agree (`base.nodes.selector`): 0x0 on f1065beb1b; 0x1 on fdcaad8756',
  },
  RequiredFeatureMissing: { wanted: 'FEAT_SVE', limit: 'absent', remedy: 'leave such hosts out' },
  ImplementationIdNotWritable: {
    register: 'MIDR_EL1',
    wanted: '0x410fd493',
    limit: '0x411fd402',
    writable: false,
    remedy: 'bring the nodes with Linux 6.12 to Linux 6.15 or newer, or select other nodes',
  },
  FirmwareLevelTooHigh: {
    register: 'KVM_REG_ARM_PSCI_VERSION',
    wanted: '0x10003',
    limit: '0x10001',
    remedy: 'lower it in the view, or update the kernel of the host',
  },
  FirmwareRegisterMissing: {
    register: 'KVM_REG_ARM_VENDOR_HYP_BMAP_2',
    wanted: '0x3',
    remedy: 'update the kernel of the host to Linux 6.15',
  },
  CounterFrequencyDiffers: {
    register: 'CNTFRQ_EL0',
    wanted: '121875000 Hz',
    limit: '1050000000 Hz',
    writable: false,
    remedy: 'keep such hosts in profiles of their own',
  },
  CounterFrequencyUnknown: {
    register: 'CNTFRQ_EL0',
    wanted: '121875000 Hz',
    limit: 'unknown',
    remedy: 'probe the host',
  },
  ZeroBlockSizeDiffers: {
    register: 'DCZID_EL0',
    wanted: '0x4',
    limit: '0x5',
    writable: false,
    remedy: 'keep such hosts in profiles of their own',
  },
  ZeroBlockSizeUnknown: {
    register: 'DCZID_EL0',
    wanted: '0x4',
    limit: 'unknown',
    remedy: 'probe the host',
  },
  TagLineDiffers: {
    register: 'CTR_EL0',
    field: 'TminLine',
    wanted: '0x4',
    limit: '0x5',
    writable: false,
    remedy: 'do not require mte',
  },
  TagLineUnknown: {
    register: 'CTR_EL0',
    field: 'TminLine',
    wanted: '0x4',
    limit: 'unknown',
    remedy: 'probe the host with this version',
  },
  SveVectorLengthsDiffer: { wanted: '128, 256', limit: '512', remedy: 'disable sve in the profile' },
  NotTolerated: {
    register: 'ID_AA64MMFR2_EL1',
    field: 'IDS',
    remedy: 'tolerate it again, or raise the generation of the base for a baseline without it',
  },
}

/** A host against a host. */
export const REACH_FINDING_SAMPLES: Readonly<Record<ReachReason, Omit<ReachFinding, 'reason'>>> = {
  CounterFrequencyDiffers: {
    register: 'CNTFRQ_EL0',
    onFrom: '121875000 Hz',
    onTo: '1050000000 Hz',
    writable: false,
    remedy: 'keep such hosts in profiles of their own',
  },
  CounterFrequencyUnknown: {
    register: 'CNTFRQ_EL0',
    onFrom: '121875000 Hz',
    onTo: 'unknown',
    remedy: 'probe the host',
  },
  ZeroBlockSizeDiffers: {
    register: 'DCZID_EL0',
    onFrom: '0x4',
    onTo: '0x5',
    writable: false,
    remedy: 'keep such hosts in profiles of their own',
  },
  ZeroBlockSizeUnknown: {
    register: 'DCZID_EL0',
    onFrom: '0x4',
    onTo: 'unknown',
    remedy: 'probe the host',
  },
  TagLineDiffers: {
    register: 'CTR_EL0',
    field: 'TminLine',
    onFrom: '0x4',
    onTo: '0x5',
    writable: false,
    remedy: 'do not require mte',
  },
  TagLineUnknown: {
    register: 'CTR_EL0',
    field: 'TminLine',
    onFrom: '0x4',
    onTo: 'unknown',
    remedy: 'probe the host with this version',
  },
  SveVectorLengthsDiffer: { onFrom: '128, 256', onTo: '512', remedy: 'disable sve in the profile' },
  ImplementationIdDiffers: {
    register: 'MIDR_EL1',
    onFrom: '0x410fd493',
    onTo: '0x411fd402',
    remedy: 'set implementation.midr, if guests may do without the errata workarounds of the hidden CPU',
  },
  FirmwareLevelDiffers: {
    register: 'KVM_REG_ARM_STD_BMAP',
    onFrom: '0x1',
    onTo: '0x0',
    remedy: 'use a base that levels firmware registers',
  },
  MitigationLevelDiffers: {
    register: 'KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2',
    onFrom: '0x3',
    onTo: '0x0',
    remedy: 'give both hosts the same mitigations',
  },
  IpaSizeDiffers: {
    onFrom: '48 bits',
    onTo: '44 bits',
    remedy: 'take a baseline with both in it, or lower ID_AA64MMFR0_EL1.PARANGE in spec.registers',
  },
  PmuDiffers: {
    onFrom: '6 counters, PMCEID 0x7fffffff 0x0',
    onTo: '4 counters, PMCEID 0x40020001 0x0',
    remedy: 'disable pmu in the profile',
  },
  VcpuFeatureDiffers: { onFrom: 'sve', onTo: 'none', remedy: 'disable sve in the profile' },
  RegisterListDiffers: {
    onFrom: '0x603000000013c510',
    onTo: 'none',
    remedy: 'use a base that levels the register list',
  },
  FieldDiffers: {
    register: 'ID_AA64ISAR0_EL1',
    field: 'RNDR',
    onFrom: '0x1',
    onTo: '0x0',
    writable: true,
    remedy: 'disable FEAT_RNG in the profile',
  },
  ToleratedSurplus: {
    register: 'ID_AA64PFR0_EL1',
    field: 'FP',
    onFrom: '0x0',
    onTo: '0x1',
    remedy: 'move VMs that way only',
  },
}
