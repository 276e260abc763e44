import { getField, setField } from '../arm64/field.ts'
import { registerByName } from '../arm64/register.ts'
import type { Deviation } from '../api/host-document.ts'
import type { Field } from '../arm64/field.ts'
import type { GuestView } from '../arm64/register.ts'

/** The result of a trial: the errno by name, or the value that KVM kept. */
export type TrialOutcome = { readonly errno: string } | { readonly stored: bigint }

/** What a trial says of one field's raw value: refused, or kept as `stored` (raw; the same one where KVM took it as it is). */
export type FieldOutcome = { readonly errno: string } | { readonly stored: number }

/** The deviations in one register. */
export type RegisterTrials = {
  /** By value of the whole register. */
  readonly byValue: ReadonlyMap<bigint, TrialOutcome>
  /** Where one field alone was changed: by field, then raw value. */
  readonly byField: ReadonlyMap<string, ReadonlyMap<number, FieldOutcome>>
  /** Registers with the same results have the same text. */
  readonly text: string
}

/** The deviations of one vCPU configuration. */
export type TrialResults = {
  readonly byRegister: ReadonlyMap<string, RegisterTrials>
  /** Whether every value of every field was tried in this configuration. A value without a result then behaves as the rules say. */
  readonly complete: boolean
}

/** Nothing was tried. */
export const NO_TRIALS: TrialResults = { byRegister: new Map(), complete: false }

const outcomeOf = ({ errno, stored, value }: Deviation): TrialOutcome =>
  errno === undefined ? { stored: BigInt(stored ?? value) } : { errno }

const changedFields = (register: string, a: bigint, b: bigint): readonly Field[] =>
  (registerByName(register)?.fields ?? []).filter(
    (field) => field.width <= 32 && getField(a, field) !== getField(b, field),
  )

/** What a trial of one field says of that field in any other write; undefined if KVM changed other fields too. */
const fieldOutcomeOf = (outcome: TrialOutcome, field: Field, limit: bigint): FieldOutcome | undefined => {
  if ('errno' in outcome) return outcome
  const stored = getField(outcome.stored, field)
  return setField(limit, field, stored) === outcome.stored ? { stored } : undefined
}

/** The only field that differs from the limit; undefined if there are several, or none. */
const onlyField = (register: string, value: bigint, limit: bigint): Field | undefined => {
  const [field, another] = changedFields(register, value, limit)
  return another === undefined ? field : undefined
}

const textOf = ({ value, errno, stored }: Deviation): string => `${value} ${errno ?? stored ?? ''}`

const registerTrials = (
  register: string,
  deviations: readonly Deviation[],
  limit: bigint | undefined,
): RegisterTrials => {
  const byValue = new Map<bigint, TrialOutcome>()
  const byField = new Map<string, Map<number, FieldOutcome>>()
  for (const deviation of deviations) {
    const value = BigInt(deviation.value)
    const outcome = outcomeOf(deviation)
    byValue.set(value, outcome)
    const field = limit === undefined ? undefined : onlyField(register, value, limit)
    const said = field && fieldOutcomeOf(outcome, field, limit ?? 0n)
    if (field === undefined || said === undefined) continue
    const outcomes = byField.get(field.name) ?? new Map<number, FieldOutcome>()
    byField.set(field.name, outcomes.set(getField(value, field), said))
  }
  return { byValue, byField, text: deviations.map(textOf).sort().join(', ') }
}

/** The deviations, all of the configuration whose fresh vCPU shows `limitView`, ready to be looked up. */
export const trialResults = (
  deviations: readonly Deviation[],
  limitView: GuestView,
  complete: boolean,
): TrialResults => ({
  byRegister: new Map(
    [...Map.groupBy(deviations, ({ register }) => register)].map(([register, found]) => [
      register,
      registerTrials(register, found, limitView.get(register)),
    ]),
  ),
  complete,
})
