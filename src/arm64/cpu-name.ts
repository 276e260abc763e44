import { CPU_PARTS } from './cpu-part-table.generated.ts'
import { midrOf, midrParts, type MidrParts } from './midr.ts'

/** What a MIDR_EL1 names. A number that has no name in facts/cpu_parts.tsv is given in hexadecimal. */
export type CpuIdentity = {
  readonly implementer: string
  /** The name of the part, absent where it is not known. */
  readonly part?: string
  /** Arm's form of Variant and Revision: `r4p1`. */
  readonly revision: string
}

const names = new Map(CPU_PARTS.map(([implementer, part, name]) => [`${implementer} ${part ?? ''}`, name]))

const hex = (value: number): string => `0x${value.toString(16)}`

/** Who made the CPU of a MIDR_EL1, and which part and revision it is. */
export const cpuIdentity = (midr: bigint): CpuIdentity => {
  const { implementer, part, variant, revision } = midrParts(midr)
  const name = names.get(`${implementer} ${part}`)
  return {
    implementer: names.get(`${implementer} `) ?? hex(implementer),
    ...(name !== undefined && { part: name }),
    revision: `r${variant}p${revision}`,
  }
}

/** A CPU's name from its MIDR_EL1, such as `Neoverse-N1 r4p1`. A number without a known name is given in hexadecimal. */
export const cpuName = (midr: bigint): string => {
  const { implementer, part, revision } = cpuIdentity(midr)
  return `${part ?? `${implementer} ${hex(midrParts(midr).part)}`} ${revision}`
}

/**
 * MIDR_EL1 of a CPU by its maker's name and its revision, as lscpu prints them (`Neoverse-N1`, `r3p1`). There are
 * several where makers share a name, and none if the name is not known.
 */
export const midrsOfCpu = (name: string, { variant, revision }: CpuRevision): readonly bigint[] =>
  CPU_PARTS.flatMap(([implementer, part, partName]) =>
    part === undefined || partName.toLowerCase() !== name.toLowerCase()
      ? []
      : [midrOf({ implementer, variant, part, revision })],
  )

/** `r3p1` as numbers. */
export type CpuRevision = Pick<MidrParts, 'variant' | 'revision'>
