/** Implementers of MIDR_EL1[31:24] and their parts ([15:4]): Arm's and the makers' manuals, as util-linux' lscpu-arm.c lists them. */
const MAKERS: Readonly<Record<number, { name: string; parts: Readonly<Record<number, string>> }>> = {
  0x41: {
    name: 'Arm',
    parts: {
      0xd03: 'Cortex-A53',
      0xd04: 'Cortex-A35',
      0xd05: 'Cortex-A55',
      0xd07: 'Cortex-A57',
      0xd08: 'Cortex-A72',
      0xd09: 'Cortex-A73',
      0xd0b: 'Cortex-A76',
      0xd0c: 'Neoverse-N1',
      0xd40: 'Neoverse-V1',
      0xd42: 'Cortex-A78AE',
      0xd47: 'Cortex-A710',
      0xd49: 'Neoverse-N2',
      0xd4f: 'Neoverse-V2',
      0xd84: 'Neoverse-V3',
      0xd8e: 'Neoverse-N3',
    },
  },
  0x42: { name: 'Broadcom', parts: { 0x516: 'ThunderX2' } },
  0x43: { name: 'Cavium', parts: { 0x0a1: 'ThunderX', 0x0af: 'ThunderX2' } },
  0x46: { name: 'Fujitsu', parts: { 0x001: 'A64FX' } },
  0x48: { name: 'HiSilicon', parts: { 0xd01: 'Kunpeng-920' } },
  0x4e: { name: 'NVIDIA', parts: { 0x004: 'Carmel' } },
  0x51: { name: 'Qualcomm', parts: { 0xc00: 'Falkor', 0xc01: 'Saphira' } },
  0x61: { name: 'Apple', parts: {} },
  0xc0: { name: 'Ampere', parts: { 0xac3: 'Ampere-1', 0xac4: 'Ampere-1a' } },
}

/** A CPU's name from its MIDR_EL1, such as `Neoverse-N1 r4p1`; what is not known is given in hexadecimal. */
export const cpuName = (midr: bigint): string => {
  const bits = Number(midr & 0xffffffffn)
  const part = (bits >>> 4) & 0xfff
  const maker = MAKERS[bits >>> 24]
  const name =
    maker?.parts[part] ?? `${maker?.name ?? `0x${(bits >>> 24).toString(16)}`} 0x${part.toString(16)}`
  return `${name} r${String((bits >>> 20) & 0xf)}p${String(bits & 0xf)}`
}

/**
 * MIDR_EL1 of a CPU by its maker's name and its revision, as lscpu prints them (`Neoverse-N1`, `r3p1`); several where makers share a
 * name, none if the name is not known.
 */
export const midrsOfCpu = (name: string, { variant, revision }: CpuRevision): readonly bigint[] =>
  Object.entries(MAKERS).flatMap(([implementer, { parts }]) =>
    Object.entries(parts)
      .filter(([, part]) => part.toLowerCase() === name.toLowerCase())
      .map(
        ([part]) =>
          (BigInt(implementer) << 24n) |
          (BigInt(variant) << 20n) |
          0xf0000n |
          (BigInt(part) << 4n) |
          BigInt(revision),
      ),
  )

/** `r3p1` as numbers. */
export type CpuRevision = { readonly variant: number; readonly revision: number }
