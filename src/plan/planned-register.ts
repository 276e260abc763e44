import type { VcpuFeature } from '../api/vcpu-feature.ts'
import type { FieldCeiling } from '../arm64/field-ceiling.ts'
import type { SpecifiedBits } from './register-values.ts'

/** Bits of a register that come with a vCPU feature which the plan leaves to the VMM. */
export type OptionalBits = { readonly feature: VcpuFeature; readonly mask: bigint }

/** A register that a plan names: its specified bits, and the most that other fields may show. */
export type PlannedRegister = SpecifiedBits & {
  readonly name: string
  readonly kind: 'implementation' | 'feature' | 'firmware'
  readonly kvmRegisterId: bigint
  readonly ceilings: readonly FieldCeiling[]
  /** The bits that the plan says something of: the specified ones, and the fields with a ceiling. */
  readonly saidBits: bigint
  /** A launch does not write them where the vCPU does not have their feature. */
  readonly optionalBits: readonly OptionalBits[]
}
