import { getField, setField } from '../arm64/field.ts'
import { registerByName } from '../arm64/register.ts'
import type { Deviation } from '../api/host-document.ts'
import type { Field } from '../arm64/field.ts'
import type { GuestView } from '../arm64/register.ts'

/** What came of a trial: the errno by name, or what KVM kept. */
export type TrialOutcome = { readonly errno: string } | { readonly stored: bigint }

/** What a trial says of one field's raw value: refused, or kept as `stored` (raw; the same one where KVM took it as it is). */
export type FieldOutcome = { readonly errno: string } | { readonly stored: number }

/** The deviations of one vCPU configuration: by whole register value, and by field where one field alone was changed. */
export type TrialResults = {
  readonly byValue: ReadonlyMap<string, ReadonlyMap<bigint, TrialOutcome>>
  /** By `REGISTER.FIELD`, then raw value. */
  readonly byField: ReadonlyMap<string, ReadonlyMap<number, FieldOutcome>>
  /** Whether every value of every field was tried in this configuration, so that silence says something too. */
  readonly complete: boolean
}

/** Nothing was tried. */
export const NO_TRIALS: TrialResults = { byValue: new Map(), byField: new Map(), complete: false }

const outcomeOf = ({ errno, stored, value }: Deviation): TrialOutcome =>
  errno === undefined ? { stored: BigInt(stored ?? value) } : { errno }

const changedFields = (register: string, a: bigint, b: bigint): readonly Field[] =>
  (registerByName(register)?.fields ?? []).filter(
    (field) => field.width <= 32 && getField(a, field) !== getField(b, field),
  )

/** What a trial of a single field says of that field wherever else it is written; undefined where it says more than that. */
const fieldOutcomeOf = (outcome: TrialOutcome, field: Field, limit: bigint): FieldOutcome | undefined => {
  if ('errno' in outcome) return outcome
  const stored = getField(outcome.stored, field)
  return setField(limit, field, stored) === outcome.stored ? { stored } : undefined
}

const into = <K, V>(map: Map<string, Map<K, V>>, name: string): Map<K, V> => {
  const found = map.get(name) ?? new Map<K, V>()
  map.set(name, found)
  return found
}

/** The deviations, all of the configuration whose fresh vCPU shows `limitView`, ready to be looked up. */
export const trialResults = (
  deviations: readonly Deviation[],
  limitView: GuestView,
  complete: boolean,
): TrialResults => {
  const byValue = new Map<string, Map<bigint, TrialOutcome>>()
  const byField = new Map<string, Map<number, FieldOutcome>>()
  for (const deviation of deviations) {
    const { register } = deviation
    const value = BigInt(deviation.value)
    const outcome = outcomeOf(deviation)
    into(byValue, register).set(value, outcome)
    const limit = limitView.get(register)
    const [field, another] = limit === undefined ? [] : changedFields(register, value, limit)
    if (limit === undefined || field === undefined || another !== undefined) continue
    const said = fieldOutcomeOf(outcome, field, limit)
    if (said !== undefined) into(byField, `${register}.${field.name}`).set(getField(value, field), said)
  }
  return { byValue, byField, complete }
}
