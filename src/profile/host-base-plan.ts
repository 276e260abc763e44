import { withBits } from '../arm64/bits.ts'
import { fieldName } from '../arm64/field-ref.ts'
import type { Plan } from '../api/plan.ts'
import { fieldMask, setField } from '../arm64/field.ts'
import type { FieldConstraint } from './spec/field-constraint.ts'
import type { SpecifiedBits } from '../plan/register-values.ts'
import { toMaskedRegisters } from '../plan/register-values.ts'
import type { ResolvedSpec } from './spec/resolve-spec.ts'
import { shownImplementation } from './spec/shown-implementation.ts'

/**
 * Whether "at most" this value means "exactly" it, because there is no lower value. That also holds for the value that KVM falls back to:
 * TGRAN*_2 = 1 (not supported) is less than 0 (as stage 1).
 */
const isFixedBy = ({ field, atMost }: FieldConstraint): boolean =>
  field.rule === 'HigherSafe' ||
  (field.rule === 'Exact' && atMost?.value === field.safeValue) ||
  (!field.signed && atMost?.value === 0)

/** The one value that a constraint leaves a field; undefined if hosts may show several. */
const fixedValue = (constraint: FieldConstraint): number | undefined =>
  constraint.exactly?.value ?? (isFixedBy(constraint) ? constraint.atMost?.value : undefined)

const fixedRegisters = (constraints: readonly FieldConstraint[]): Plan['registers'] => {
  const registers = new Map<string, SpecifiedBits>()
  for (const constraint of constraints) {
    const { register, field } = constraint
    const fixed = fixedValue(constraint)
    if (fixed === undefined) continue
    const { mask, value } = registers.get(register) ?? { mask: 0n, value: 0n }
    registers.set(register, { mask: withBits(mask, fieldMask(field)), value: setField(value, field, fixed) })
  }
  return toMaskedRegisters(registers)
}

const ceilings = (constraints: readonly FieldConstraint[]): NonNullable<Plan['atMost']> =>
  constraints
    .flatMap((constraint) => {
      const { register, field, atMost } = constraint
      return atMost === undefined || fixedValue(constraint) !== undefined
        ? []
        : [{ register, field: field.name, value: atMost.value }]
    })
    .toSorted((a, b) => (fieldName(a) < fieldName(b) ? -1 : 1))

/**
 * Base `host`: only what the profile names is specified, so the plan depends on the spec alone. A host that has less than is allowed, or
 * more than is required, shows what it has.
 */
export const hostBasePlan = (resolved: ResolvedSpec): Plan => {
  const constraints = [...resolved.constraints.values()]
  const implementation = shownImplementation(resolved, undefined)
  const atMost = ceilings(constraints)
  const requiredFeatures = [...new Set(resolved.required.map(({ name }) => name))].toSorted()
  return {
    formatVersion: 1,
    enforcement: resolved.spec.enforcement,
    registers: fixedRegisters(constraints),
    ...(atMost.length > 0 && { atMost }),
    ...(requiredFeatures.length > 0 && { requiredFeatures }),
    ...(implementation && { implementation }),
    firmwareRegisters: [],
    vcpuFeatures: resolved.policies,
    registerList: { exclude: [] },
    untrapped: {},
    tolerated: [],
  }
}
