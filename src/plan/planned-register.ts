import type { FieldCeiling } from '../arm64/field-ceiling.ts'
import type { SpecifiedBits } from './register-values.ts'

/** A register that a plan names: its specified bits, and the most that other fields may show. */
export type PlannedRegister = SpecifiedBits & {
  readonly name: string
  readonly kind: 'implementation' | 'feature' | 'firmware'
  readonly kvmRegisterId: bigint
  readonly ceilings: readonly FieldCeiling[]
  /** The bits that the plan says something of: the specified ones, and the fields with a ceiling. */
  readonly saidBits: bigint
  /** Masks of the fields that come with a vCPU feature which the VMM may leave out: where such a field is 0, it stays 0. */
  readonly optionalBits: readonly bigint[]
}
