import { EVERY_BIT } from '../arm64/bits.ts'
import type { Field } from '../arm64/field.ts'
import { coversField, fieldMask } from '../arm64/field.ts'
import { fieldsWithFact } from '../arm64/field-facts.ts'
import { FEATURE_ID_REGISTERS, fieldNamed } from '../arm64/register.ts'
import type { FeatureIdRegister } from '../arm64/register.ts'

// KVM rewrites these at the VM's first run: no plan can hold them.
const rewritten = new Map<string, bigint>()
for (const { register, field: name } of fieldsWithFact('of-interrupt-controller')) {
  const field = fieldNamed(register, name)
  if (field !== undefined) rewritten.set(register, (rewritten.get(register) ?? 0n) | fieldMask(field))
}

/** The registers that are the implementation ID: a plan has them in `implementation`. */
export const IMPLEMENTATION_ID_REGISTERS: ReadonlySet<string> = new Set(
  FEATURE_ID_REGISTERS.filter(({ traits }) => traits.includes('ImplementationId')).map(({ name }) => name),
)

/** The registers a plan can specify, in the order of KVM's mask array. */
export const SPECIFIABLE_REGISTERS: readonly FeatureIdRegister[] = FEATURE_ID_REGISTERS.filter(
  ({ traits }) => !traits.includes('ImplementationId'),
)

const specifiable = new Map([...rewritten].map(([register, bits]) => [register, EVERY_BIT & ~bits]))

/** The bits of a register that a plan can specify: all 64, except the fields of the interrupt controller. */
export const specifiableMask = (registerName: string): bigint => specifiable.get(registerName) ?? EVERY_BIT

/** Whether a plan can specify a field. */
export const isSpecifiable = (registerName: string, field: Field): boolean =>
  coversField(specifiableMask(registerName), field)
