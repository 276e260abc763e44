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
import { levelled } from '../plan/level.ts'
import type { PlannedRegister } from '../plan/planned-register.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'

const hex = (value: number): string => `0x${value.toString(16)}`

const isWritable = (host: PredictionHost, { register, field }: FieldRef): boolean =>
  field.rule !== 'None' && coversField(host.masks.get(register) ?? 0n, field)

const fieldFinding = (
  host: PredictionHost,
  { register, field }: FieldRef,
  pair: readonly [wanted: number, limit: number],
): PlanFinding => {
  const writable = isWritable(host, { register, field })
  const ordered = field.rule !== 'HigherSafe' && field.rule !== 'Exact'
  const above = ordered && signedValue(field, pair[0]) > signedValue(field, pair[1])
  const [wanted, limit] = [hex(pair[0]), hex(pair[1])]
  const about = { register, field: field.name, wanted, limit, writable }
  const features = featuresBetween(register, field.name, pair)
  const unfit = { because: 'specified', features, shown: limit } as const
  if (above) return planFinding('FieldAboveLimit', about, unfit)
  if (writable) return planFinding('FieldValueRefused', about, unfit)
  const inert = inertDifference(register, field.name, pair) !== undefined
  return planFinding('FieldNotWritable', about, unfit, inert)
}

/** The fields that KVM refuses each by itself. */
const refusedFields = (
  host: PredictionHost,
  register: FeatureIdRegister,
  wanted: bigint,
  limit: bigint,
): readonly PlanFinding[] =>
  register.fields.flatMap((field) => {
    if (!differsIn(field, wanted, limit)) return []
    const pair = [getField(wanted, field), getField(limit, field)] as const
    const alone = predictWrite(host, register.name, setField(limit, field, pair[0]))
    return alone.verdict === 'refused' ? [fieldFinding(host, { register: register.name, field }, pair)] : []
  })

const wholeRegister = (
  reason: 'StoredOtherwise' | 'RegisterValueRefused' | 'RegisterMissing',
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
    case 'refused': {
      const fields = refusedFields(host, register, wanted, limit)
      if (fields.length > 0) return fields
      return [wholeRegister('RegisterValueRefused', register.name, { wanted, limit, field: verdict.field })]
    }
    default:
      return verdict satisfies never
  }
}

const unlisted = (plan: ResolvedPlan, planned: PlannedRegister): readonly PlanFinding[] => {
  // What is at most something is not there at all.
  const isAsked = planned.mask !== 0n && !plan.excludedRegisters.has(planned.kvmRegisterId)
  return isAsked ? [wholeRegister('RegisterMissing', planned.name, { wanted: planned.value, limit: 0n })] : []
}

/** What KVM would refuse of the ID registers that a launch under this plan writes. */
export const planRegisterFindings = (plan: ResolvedPlan, host: PredictionHost): readonly PlanFinding[] => {
  const wantedView = levelled(plan.registers, host.limitView)
  return plan.registers
    .filter(({ kind }) => kind === 'feature')
    .flatMap((planned) => {
      const register = registerByName(planned.name)
      const [limit, wanted] = [host.limitView.get(planned.name), wantedView.get(planned.name)]
      if (register === undefined || limit === undefined || wanted === undefined)
        return unlisted(plan, planned)
      return wanted === limit ? [] : judgeRegister(host, register, wanted, limit)
    })
}
