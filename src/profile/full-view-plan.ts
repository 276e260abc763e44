import { withBits, withoutBits } from '../arm64/bits.ts'
import { fieldName, fieldRef, type FieldRef } from '../arm64/field-ref.ts'
import type { PlanFinding, ToleratedDifference } from '../api/finding.ts'
import { fromHex64 } from '../api/hex64.ts'
import type { ImplementationId, Plan, Untrapped } from '../api/plan.ts'
import { VCPU_FEATURES } from '../api/vcpu-feature.ts'
import { disableFeature } from '../arm64/disable-feature.ts'
import { hasFeature } from '../arm64/feature.ts'
import { fieldMask, getField, setField } from '../arm64/field.ts'
import { inertField } from '../arm64/inert-fields.ts'
import { fieldNamed } from '../arm64/register.ts'
import type { GuestView } from '../arm64/register.ts'
import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'
import type { CompileResult } from './compile-result.ts'
import { changesOfFeature } from './spec/feature-field-constraints.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import { toMaskedRegisters } from '../plan/register-values.ts'
import type { SpecifiedRegisters } from '../plan/register-values.ts'
import { dependentsNote } from './spec/resolve-spec.ts'
import type { ResolvedSpec } from './spec/resolve-spec.ts'
import { TAG_LINE, isTagLine } from '../plan/untrapped.ts'
import { SPECIFIABLE_REGISTERS, specifiableMask } from '../plan/specifiable.ts'

/** A full guest view as a base gives it, before what the profile asks beyond it. */
export type FullView = {
  readonly registers: Readonly<Record<string, string>>
  readonly implementation: ImplementationId | undefined
  readonly tolerated: readonly ToleratedDifference[]
} & Pick<Plan, 'firmwareRegisters' | 'registerList' | 'untrapped' | 'sveVectorLengths'>

/** The plan of a full view, or which features the profile requires and the view does not have. */
export type FullViewResult =
  | { readonly kind: 'planned'; readonly plan: Plan; readonly notes: readonly string[] }
  | Extract<CompileResult, { readonly kind: 'not-compiled' | 'not-accepted' }>

const setIn = (view: Map<string, bigint>, ref: FieldRef | undefined, raw: number): void => {
  const value = ref && view.get(ref.register)
  if (ref !== undefined && value !== undefined) view.set(ref.register, setField(value, ref.field, raw))
}

/** Clears the fields of vCPU features that no VM of the profile has. */
const withoutDisabledVcpuFeatures = (view: Map<string, bigint>, { policies }: ResolvedSpec): void => {
  for (const name of VCPU_FEATURES.filter((feature) => policies[feature] === 'Disabled')) {
    for (const [register, field] of VCPU_FEATURE_FACTS[name].fields) {
      if (field !== '*') setIn(view, fieldRef({ register, field }), 0)
      else if (view.has(register)) view.set(register, 0n)
    }
  }
}

/**
 * By name, and execution states last. What disabling a feature changes in AArch32 registers depends on whether the view still has
 * AArch32, so the order of the entries must not decide it.
 */
const inOrder = (disabled: ResolvedSpec['disabled']): ResolvedSpec['disabled'] => {
  const key = ({ name }: { readonly name: string }): string => `${/^FEAT_AA(32|64)EL\d$/.test(name)} ${name}`
  return disabled.toSorted((a, b) => key(a).localeCompare(key(b)))
}

const disableAll = (view: Map<string, bigint>, { disabled }: ResolvedSpec): readonly string[] =>
  inOrder(disabled).flatMap(({ name }) => {
    const result = disableFeature(view, name)
    // Features that cannot be disabled in any view were refused with the spec. Here the view simply does not have the feature.
    if (result.kind === 'cannot') return []
    for (const change of changesOfFeature(name, result.changes)) setIn(view, fieldRef(change), change.to)
    return dependentsNote(name, result.removed)
  })

const changedExactly = (view: GuestView, { exact }: ResolvedSpec): FullViewResult | undefined => {
  for (const { register, field, exactly } of exact) {
    const now = getField(view.get(register) ?? 0n, field)
    if (exactly === undefined || now === exactly.value) continue
    return {
      kind: 'not-accepted',
      reason: 'ContradictingEntries',
      message:
        `${exactly.place} asks for ${fieldName({ register, field })} = ${exactly.value}, ` +
        `a disabled feature leaves ${now}; remove one of them`,
    }
  }
  return undefined
}

const missingFeatures = (view: GuestView, { required }: ResolvedSpec): readonly PlanFinding[] =>
  required
    .filter(({ name }) => !hasFeature(view, name))
    .map(({ name, place }) =>
      planFinding(
        'RequiredFeatureMissing',
        { wanted: name, limit: 'not in the base' },
        { by: 'base', feature: name, place },
      ),
    )

const toleratedMask = (register: string, tolerated: readonly ToleratedDifference[]): bigint =>
  tolerated.reduce((mask, entry) => {
    const field = entry.register === register ? fieldNamed(register, entry.field) : undefined
    return field === undefined ? mask : withBits(mask, fieldMask(field))
  }, 0n)

const specified = (view: GuestView, tolerated: readonly ToleratedDifference[]): SpecifiedRegisters =>
  new Map(
    SPECIFIABLE_REGISTERS.flatMap(({ name }) => {
      const value = view.get(name)
      if (value === undefined) return []
      return [
        [name, { mask: withoutBits(specifiableMask(name), toleratedMask(name, tolerated)), value }] as const,
      ]
    }),
  )

const byField = (a: ToleratedDifference, b: ToleratedDifference): number =>
  fieldName(a) < fieldName(b) ? -1 : 1

/** Leaves CTR_EL0.TminLine out if guests have no tags, because they cannot act on it; verdicts then name it. */
const exactlyUntrapped = (untrapped: Untrapped, { tolerates }: ResolvedSpec): Untrapped => {
  const { tminLine, ...others } = untrapped
  const isTolerated = inertField(TAG_LINE, tolerates.vcpuFeatures) !== undefined
  return tminLine === undefined || isTolerated ? others : untrapped
}

/** The plan of a full view: it specifies every bit, except tolerated differences and the bits that KVM rewrites. */
export const fullViewPlan = (resolved: ResolvedSpec, base: FullView): FullViewResult => {
  const view = new Map(Object.entries(base.registers).map(([name, value]) => [name, fromHex64(value)]))
  withoutDisabledVcpuFeatures(view, resolved)
  for (const { register, field, exactly } of resolved.exact) {
    if (exactly !== undefined) setIn(view, { register, field }, exactly.value)
  }
  const dependents = disableAll(view, resolved)
  const contradiction = changedExactly(view, resolved)
  if (contradiction !== undefined) return contradiction
  const findings = missingFeatures(view, resolved)
  if (findings.length > 0) {
    const message = 'the base lacks features that the profile requires'
    return { kind: 'not-compiled', reason: 'BaselineTooLow', message, findings }
  }
  const { implementation, sveVectorLengths } = base
  // KVM's value of CTR_EL0 has no TminLine that could be left out. The verdict names it for each host where guests read another one.
  const tolerated = base.tolerated.filter((one) => !isTagLine(one))
  const plan: Plan = {
    formatVersion: 1,
    enforcement: resolved.spec.enforcement,
    registers: toMaskedRegisters(specified(view, tolerated)),
    ...(implementation && { implementation }),
    firmwareRegisters: base.firmwareRegisters,
    vcpuFeatures: resolved.policies,
    ...(resolved.policies.sve === 'Required' && sveVectorLengths && { sveVectorLengths }),
    registerList: base.registerList,
    untrapped: exactlyUntrapped(base.untrapped, resolved),
    tolerated: tolerated.toSorted(byField),
  }
  return { kind: 'planned', plan, notes: [...resolved.notes, ...dependents] }
}
