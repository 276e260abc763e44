import type { Plan } from '../api/plan.ts'
import { fieldMask, setField } from '../arm64/field.ts'
import { constrainedValue } from './field-constraint.ts'
import { withLostFeatures } from './lost-features.ts'
import type { SpecifiedBits } from './register-values.ts'
import { toMaskedRegisters } from './register-values.ts'
import type { ResolvedSpec } from './resolve-spec.ts'
import { shownImplementation } from './shown-implementation.ts'

/** Base `host`: only what the profile names is specified; the plan depends on the spec alone. */
export const hostBasePlan = (resolved: ResolvedSpec): Plan => {
  const registers = new Map<string, SpecifiedBits>()
  for (const constraint of withLostFeatures(resolved.constraints).values()) {
    const { register, field } = constraint
    const { mask, value } = registers.get(register) ?? { mask: 0n, value: 0n }
    registers.set(register, {
      mask: mask | fieldMask(field),
      value: setField(value, field, constrainedValue(constraint, undefined)),
    })
  }
  const implementation = shownImplementation(resolved, undefined)
  return {
    formatVersion: 1,
    enforcement: resolved.spec.enforcement,
    registers: toMaskedRegisters(registers),
    ...(implementation && { implementation }),
    firmwareRegisters: [],
    vcpuFeatures: resolved.policies,
    registerList: { exclude: [] },
    untrapped: {},
    tolerated: [],
  }
}
