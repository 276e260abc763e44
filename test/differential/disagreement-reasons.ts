/** Why the rules alone cannot know what KVM does with these fields. One that is not here is a defect of the rules. */
export const DISAGREEMENT_REASONS: Readonly<Record<string, string>> = {
  'ID_AA64MMFR2_EL1.NV':
    "KVM takes the hardware's own NV for 0 when it is written back, and no register shows that " +
    '(arch/arm64/kvm/sys_regs.c, set_id_aa64mmfr2_el1, Linux 6.18)',
  'ID_AA64PFR0_EL1.MPAM':
    "the hardware's own MPAM is taken for 0 when it is written back, and no register shows it (set_id_aa64pfr0_el1, Linux 6.12)",
  'ID_AA64PFR1_EL1.MPAM_frac':
    "the hardware's own MPAM_frac is taken for 0 when it is written back (set_id_aa64pfr1_el1, Linux 6.12)",
  'ID_AA64PFR1_EL1.MTE_frac':
    'what the hardware has of MTE_frac decides, and no register shows it (set_id_aa64pfr1_el1, Linux 6.15)',
}
