import { numberInBits } from './bits.ts'

/** The parts of MIDR_EL1 that differ between CPUs. */
export type MidrParts = {
  readonly implementer: number
  readonly variant: number
  readonly part: number
  readonly revision: number
}

// All CPUs that have ID registers: Arm ARM, MIDR_EL1.Architecture.
const ARCHITECTURE = 0xfn

/** The parts that a value of MIDR_EL1 says. */
export const midrParts = (midr: bigint): MidrParts => ({
  implementer: numberInBits(midr, 24, 8),
  variant: numberInBits(midr, 20, 4),
  part: numberInBits(midr, 4, 12),
  revision: numberInBits(midr, 0, 4),
})

/** Whether a value can be of MIDR_EL1: one with a digit too few or too many has another number where every CPU has 0xf. */
export const isMidr = (value: bigint): boolean => numberInBits(value, 16, 4) === Number(ARCHITECTURE)

/** The value of MIDR_EL1 that says these parts. */
export const midrOf = ({ implementer, variant, part, revision }: MidrParts): bigint =>
  (BigInt(implementer) << 24n) |
  (BigInt(variant) << 20n) |
  (ARCHITECTURE << 16n) |
  (BigInt(part) << 4n) |
  BigInt(revision)
