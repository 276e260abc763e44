import type { VcpuFeature } from '../api/vcpu-feature-policy.ts'

/** A field that only guests with a certain vCPU feature can act on (EL2, or memory tags): why, and whose word that is. */
export type InertField = {
  readonly register: string
  /** As Linux spells it. */
  readonly field: string
  /** The vCPU feature that makes it act: it is inert for VMs without. */
  readonly actsWith: VcpuFeature
  /** Whether two hosts that show these raw values (0..2^width-1) differ in nothing the guest can act on. */
  readonly inert: (a: number, b: number) => boolean
  readonly reason: string
  /** Where that is said. */
  readonly source: string
}

const always = (): boolean => true

type Row = readonly [register: string, field: string, reason: string, source: string]

const ANY_PAIR: readonly Row[] = [
  ['ID_AA64MMFR2_EL1', 'EVT', 'adds trap controls to HCR_EL2', 'Arm ARM, FEAT_EVT'],
  [
    'ID_AA64MMFR2_EL1',
    'FWB',
    'changes how HCR_EL2 combines stage 1 and stage 2 attributes',
    'Arm ARM, FEAT_S2FWB',
  ],
  ['ID_AA64MMFR2_EL1', 'NV', 'lets EL2 run a hypervisor at EL1: HCR_EL2.NV', 'Arm ARM, FEAT_NV and FEAT_NV2'],
  ['ID_AA64MMFR4_EL1', 'NV_frac', 'qualifies NV: HCR_EL2.NV2', 'Arm ARM, FEAT_NV2p1'],
  ['ID_AA64MMFR4_EL1', 'E2H0', 'says whether HCR_EL2.E2H can be 0', 'Arm ARM, FEAT_E2H0'],
  ['ID_AA64MMFR1_EL1', 'VH', 'lets EL2 run an operating system: HCR_EL2.E2H', 'Arm ARM, FEAT_VHE'],
  ['ID_AA64MMFR1_EL1', 'XNX', 'splits execute-never by level in stage 2 descriptors', 'Arm ARM, FEAT_XNX'],
  ['ID_AA64MMFR1_EL1', 'VMIDBits', 'is the width of VTTBR_EL2.VMID', 'Arm ARM, FEAT_VMID16'],
  ['ID_AA64MMFR1_EL1', 'HCX', 'is the register HCRX_EL2', 'Arm ARM, FEAT_HCX'],
  [
    'ID_AA64MMFR0_EL1',
    'FGT',
    'is the registers HFGxTR_EL2 and HDFGxTR_EL2',
    'Arm ARM, FEAT_FGT and FEAT_FGT2',
  ],
  ['ID_AA64MMFR0_EL1', 'TGRAN4_2', 'is the 4 KB granule of stage 2', 'Arm ARM, FEAT_GTG'],
  ['ID_AA64MMFR0_EL1', 'TGRAN16_2', 'is the 16 KB granule of stage 2', 'Arm ARM, FEAT_GTG'],
  ['ID_AA64MMFR0_EL1', 'TGRAN64_2', 'is the 64 KB granule of stage 2', 'Arm ARM, FEAT_GTG'],
  ['ID_AA64PFR0_EL1', 'SEL2', 'is EL2 in the Secure state', 'Arm ARM, FEAT_SEL2'],
  ['ID_AA64DFR0_EL1', 'HPMN0', 'says whether MDCR_EL2.HPMN can be 0', 'Arm ARM, FEAT_HPMN0'],
  ['ID_AA64MMFR3_EL1', 'S2PIE', 'is the register S2PIR_EL2', 'Arm ARM, FEAT_S2PIE'],
  ['ID_AA64MMFR3_EL1', 'S2POE', 'is the register S2POR_EL1, which only stage 2 uses', 'Arm ARM, FEAT_S2POE'],
  // The AArch32 twins say the same of the same EL2 controls.
  ['ID_MMFR4_EL1', 'EVT', 'adds trap controls to HCR2', 'Arm ARM, FEAT_EVT'],
  ['ID_MMFR4_EL1', 'XNX', 'splits execute-never by level in stage 2 descriptors', 'Arm ARM, FEAT_XNX'],
]

/** Every inert field. What is not here (IDS, TWED, CCIDX, RAS, ASIDBITS, BRPs, FP, ...) a guest can act on. */
export const INERT_FIELDS: readonly InertField[] = [
  ...ANY_PAIR.map(([register, field, reason, source]) => ({
    register,
    field,
    actsWith: 'el2' as const,
    inert: always,
    reason,
    source,
  })),
  {
    register: 'ID_AA64MMFR0_EL1',
    field: 'ECV',
    actsWith: 'el2',
    // 1 adds CNTVCTSS_EL0 and CNTPCTSS_EL0, which EL0 reads; 2 adds nothing but CNTPOFF_EL2.
    inert: (a, b) => a === b || (a >= 1 && b >= 1 && a <= 2 && b <= 2),
    reason: '2 adds CNTPOFF_EL2 to what 1 has',
    source: 'Arm ARM, FEAT_ECV and FEAT_ECV_POFF',
  },
  {
    register: 'CTR_EL0',
    field: 'TminLine',
    actsWith: 'mte',
    inert: always,
    reason: 'is the smallest tag line of the caches, which only instructions of FEAT_MTE2 maintain',
    source: 'Arm ARM, CTR_EL0.TminLine',
  },
]

/** The entry of a field that no guest with these vCPU features can act on, for some pair of values at least. */
export const inertField = (
  register: string,
  field: string,
  vcpuFeatures: readonly VcpuFeature[] = [],
): InertField | undefined =>
  INERT_FIELDS.find(
    (entry) => entry.register === register && entry.field === field && !vcpuFeatures.includes(entry.actsWith),
  )

/**
 * The entry of a field that is inert for this pair of raw values in a VM with these vCPU features; undefined where a guest could
 * act on the difference.
 */
export const inertDifference = (
  register: string,
  field: string,
  pair: readonly [a: number, b: number],
  vcpuFeatures: readonly VcpuFeature[] = [],
): InertField | undefined => {
  const entry = inertField(register, field, vcpuFeatures)
  return entry?.inert(...pair) === true ? entry : undefined
}
