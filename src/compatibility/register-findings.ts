import type { PlanFinding } from '../api/finding.ts'
import { toHex64 } from '../api/hex64.ts'
import { coversField, differsIn, getField, setField, signedValue } from '../arm64/field.ts'
import type { FieldRef } from '../arm64/field-ref.ts'
import { inertDifference } from '../arm64/inert-fields.ts'
import { registerByName } from '../arm64/register.ts'
import type { FeatureIdRegister } from '../arm64/register.ts'
import { predictWrite } from '../prediction/predict-write.ts'
import type { PredictionHost } from '../prediction/prediction-host.ts'
import { featuresBetween } from '../arm64/field-features.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import { namesText } from './names-text.ts'
import { levelled, missingRegisters } from '../plan/level.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'

const hex = (value: number): string => `0x${value.toString(16)}`

const isWritable = (host: PredictionHost, { register, field }: FieldRef): boolean =>
  field.rule !== 'None' && coversField(host.masks.get(register) ?? 0n, field)

const fieldFinding = (host: PredictionHost, ref: FieldRef, pair: Pair): PlanFinding => {
  const { register, field } = ref
  // Where the masks are unknown, KVM refuses this value whatever they are.
  const isTold = host.untold?.masks !== true
  const writable = !isTold || isWritable(host, ref)
  const ordered = field.rule !== 'HigherSafe' && field.rule !== 'Exact'
  const above = ordered && signedValue(field, pair[0]) > signedValue(field, pair[1])
  const [wanted, limit] = [hex(pair[0]), hex(pair[1])]
  const about = { register, field: field.name, wanted, limit, ...(isTold && { writable }) }
  const features = featuresBetween(ref, pair)
  const unfit = { because: 'specified', features, shown: limit } as const
  if (above) return planFinding('FieldAboveLimit', about, unfit)
  if (writable) return planFinding('FieldValueRefused', about, unfit)
  const inert = inertDifference(ref, pair) !== undefined
  return planFinding('FieldNotWritable', about, unfit, inert)
}

type Pair = readonly [wanted: number, limit: number]

const unknownFinding = ({ register, field }: FieldRef, [wanted, limit]: Pair): PlanFinding =>
  planFinding('WritableUnknown', { register, field: field.name, wanted: hex(wanted), limit: hex(limit) })

/** The fields that KVM refuses even when only they are written, or of which nobody knows whether it does. */
const refusedFields = (
  host: PredictionHost,
  register: FeatureIdRegister,
  wanted: bigint,
  limit: bigint,
): readonly PlanFinding[] =>
  register.fields.flatMap((field) => {
    if (!differsIn(field, wanted, limit)) return []
    const [ref, pair] = [
      { register: register.name, field },
      [getField(wanted, field), getField(limit, field)],
    ] as const
    const alone = predictWrite(host, register.name, setField(limit, field, pair[0]))
    if (alone.verdict === 'unknown') return [unknownFinding(ref, pair)]
    return alone.verdict === 'refused' ? [fieldFinding(host, ref, pair)] : []
  })

const wholeRegister = (
  reason: 'StoredOtherwise' | 'RegisterValueRefused' | 'RegisterMissing' | 'WritableUnknown',
  register: string,
  values: { readonly wanted: bigint; readonly limit: bigint; readonly field?: string | undefined },
): PlanFinding =>
  planFinding(reason, {
    register,
    ...(values.field !== undefined && { field: values.field }),
    wanted: toHex64(values.wanted),
    limit: toHex64(values.limit),
  })

const judgeRegister = (
  host: PredictionHost,
  register: FeatureIdRegister,
  wanted: bigint,
  limit: bigint,
): readonly PlanFinding[] => {
  const verdict = predictWrite(host, register.name, wanted)
  switch (verdict.verdict) {
    case 'accepted':
      return []
    case 'stored-as':
      return [wholeRegister('StoredOtherwise', register.name, { wanted, limit: verdict.stored })]
    case 'unknown':
    case 'refused': {
      const fields = refusedFields(host, register, wanted, limit)
      if (fields.length > 0) return fields
      if (verdict.verdict === 'unknown')
        return [wholeRegister('WritableUnknown', register.name, { wanted, limit })]
      const atFault = register.fields.find(({ name }) => name === verdict.field)
      // Only a field that the plan changes: nobody wrote the others.
      const field = atFault !== undefined && differsIn(atFault, wanted, limit) ? atFault.name : undefined
      return [wholeRegister('RegisterValueRefused', register.name, { wanted, limit, field })]
    }
    default:
      return verdict satisfies never
  }
}

/** What the plan says of registers of which the document does not tell. */
const untoldFindings = (plan: ResolvedPlan, host: PredictionHost): readonly PlanFinding[] => {
  if (host.untold?.registers !== true) return []
  const untold = plan.registers
    .filter(({ kind, name, saidBits }) => kind === 'feature' && saidBits !== 0n && !host.limitView.has(name))
    .map(({ name }) => name)
  const [register] = untold
  if (register === undefined) return []
  return [planFinding('RegistersUnknown', { register, wanted: namesText(untold), limit: 'unknown' })]
}

/** What KVM would refuse of the ID registers that a launch under this plan writes. */
export const planRegisterFindings = (plan: ResolvedPlan, host: PredictionHost): readonly PlanFinding[] => {
  const wantedView = levelled(plan.registers, host.limitView)
  const isTold = host.untold?.registers !== true
  const missing = new Set(isTold ? missingRegisters(plan.registers, host.limitView) : [])
  const judged = plan.registers
    .filter(({ kind }) => kind === 'feature')
    .flatMap((planned) => {
      const { name, value } = planned
      const [limit, wanted] = [host.limitView.get(name), wantedView.get(name)]
      if (missing.has(planned)) return [wholeRegister('RegisterMissing', name, { wanted: value, limit: 0n })]
      const register = registerByName(name)
      if (register === undefined || limit === undefined || wanted === undefined) return []
      return wanted === limit ? [] : judgeRegister(host, register, wanted, limit)
    })
  return [...judged, ...untoldFindings(plan, host)]
}
