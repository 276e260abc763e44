import { fieldName } from '../../arm64/field-ref.ts'
import type { CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import { fieldMaximum } from '../../arm64/field.ts'
import { ALL_ENCODINGS, fieldByName } from '../../arm64/register.ts'
import { registerBySpelling } from '../../arm64/register-spelling.ts'
import type { FeatureIdRegister } from '../../arm64/register.ts'
import type { NotAccepted } from '../compile-result.ts'
import type { FieldConstraint } from './field-constraint.ts'
import { nearestNames } from './nearest-names.ts'
import { IMPLEMENTATION_ID_REGISTERS, SPECIFIABLE_REGISTERS, isSpecifiable } from '../../plan/specifiable.ts'

type RegisterEntry = NonNullable<CpuFeatureProfileSpec['registers']>[number]

type Entries = { readonly kind: 'entries'; readonly constraints: readonly FieldConstraint[] }

const notAccepted = (reason: NotAccepted['reason'], message: string): NotAccepted => ({
  kind: 'not-accepted',
  reason,
  message,
})

const known = new Set(SPECIFIABLE_REGISTERS.map(({ name }) => name))

/** The register that a spec names in any spelling, or why a profile cannot specify it. */
export const specifiableRegister = (name: string, place: string): FeatureIdRegister | NotAccepted => {
  const register = registerBySpelling(name)
  if (register !== undefined && known.has(register.name)) return register
  if (register !== undefined && IMPLEMENTATION_ID_REGISTERS.has(register.name)) {
    return notAccepted(
      'NotSpecifiable',
      `${place}: ${register.name} is part of the implementation ID; use spec.implementation`,
    )
  }
  if (register !== undefined) {
    return notAccepted(
      'NotSpecifiable',
      `${place}: ${register.name} is not a feature ID register that KVM lets user space set`,
    )
  }
  const nearest = nearestNames(
    name,
    ALL_ENCODINGS.filter((entry) => known.has(entry.name)).map((entry) => entry.name),
  )
  return notAccepted(
    'UnknownRegister',
    `${place}: ${name} is not a feature ID register; the nearest names are ${nearest}`,
  )
}

const fieldConstraint = (entry: RegisterEntry, place: string): FieldConstraint | NotAccepted => {
  const register = specifiableRegister(entry.register, `${place}.register`)
  if ('kind' in register) return register
  const field = fieldByName(register, entry.field)
  if (field === undefined) {
    const nearest = nearestNames(
      entry.field,
      register.fields.map(({ name }) => name),
    )
    const hint = nearest === '' ? 'it has no fields' : `the nearest names are ${nearest}`
    return notAccepted(
      'UnknownField',
      `${place}.field: ${register.name} has no field ${entry.field}; ${hint}`,
    )
  }
  if (!isSpecifiable(register.name, field)) {
    return notAccepted(
      'NotSpecifiable',
      `${place}.field: KVM sets ${fieldName({ register, field })} ` +
        "from the VM's interrupt controller, so a profile cannot specify it",
    )
  }
  const value = typeof entry.value === 'number' ? BigInt(entry.value) : BigInt(entry.value)
  if (value > BigInt(fieldMaximum(field))) {
    return notAccepted(
      'ValueTooWide',
      `${place}.value: ${fieldName({ register, field })} is ${field.width} bits wide, so its value is at most ${fieldMaximum(field)}`,
    )
  }
  return { register: register.name, field, exactly: { value: Number(value), place } }
}

/** Two entries that ask for different values of one field. Entries that ask for the same value twice do no harm. */
const contradicting = (constraints: readonly FieldConstraint[]): NotAccepted | undefined => {
  for (const [name, group] of Map.groupBy(constraints, fieldName)) {
    const [first, ...others] = group.map(({ exactly }) => exactly)
    const other = others.find((one) => one?.value !== first?.value)
    if (first === undefined || other === undefined) continue
    return notAccepted(
      'ContradictingEntries',
      `${first.place} asks for ${name} = ${first.value}, ${other.place} for ${other.value}; remove one of them`,
    )
  }
  return undefined
}

/** The constraints of `registers`, or the first entry that has a mistake. */
export const registerEntries = (spec: CpuFeatureProfileSpec): Entries | NotAccepted => {
  const constraints: FieldConstraint[] = []
  for (const [index, entry] of (spec.registers ?? []).entries()) {
    const constraint = fieldConstraint(entry, `spec.registers[${index}]`)
    if ('kind' in constraint) return constraint
    constraints.push(constraint)
  }
  return contradicting(constraints) ?? { kind: 'entries', constraints }
}
