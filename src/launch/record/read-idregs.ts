/**
 * The registers that KVM's debugfs file `idregs` shows, by Arm's name. Lines are `SYS_ID_AA64PFR0_EL1: 0011000011111112`:
 * idregs_debug_show, arch/arm64/kvm/sys_regs.c (Linux 6.12).
 */
export const readIdregs = (text: string): Map<string, bigint> =>
  new Map(
    [...text.matchAll(/^\s*(?:SYS_)?([A-Za-z0-9_]+):\s*([0-9a-f]+)\s*$/gm)].map(
      ([, name = '', value = '0']) => [name, BigInt(`0x${value}`)],
    ),
  )
