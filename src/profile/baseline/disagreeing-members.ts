import { withBits } from '../../arm64/bits.ts'
import { coversField, fieldMask, getField } from '../../arm64/field.ts'
import type { FieldRef } from '../../arm64/field-ref.ts'
import { registerByName } from '../../arm64/register.ts'
import { greatestCommonValue } from '../../prediction/greatest-common-value.ts'
import type { PredictionHost } from '../../prediction/prediction-host.ts'
import { NO_TRIALS } from '../../prediction/trial-results.ts'
import type { UnlevelledField } from './common-register.ts'
import type { Member } from './member.ts'
import { shownTagLine, isTagLine } from '../../plan/untrapped.ts'

/** How the members disagree in a field. */
export type DisagreeingMembers = {
  /** The classes by what they show (raw, ascending). */
  readonly byValue: readonly (readonly [raw: number, classes: readonly string[]])[]
  /** The classes whose KVM does not let a VMM change the field, if the KVM of the others does and that would be enough. */
  readonly behind: readonly string[]
}

const shownBy = ({ host, prediction }: Member, { register, field }: FieldRef): number | undefined => {
  const value = prediction.limitView.get(register)
  if (value === undefined) return undefined
  return isTagLine({ register, field: field.name }) ? shownTagLine(host, value) : getField(value, field)
}

const isWritable = ({ masks }: PredictionHost, { register, field }: FieldRef): boolean =>
  coversField(masks.get(register) ?? 0n, field)

const madeWritable = (host: PredictionHost, { register, field }: FieldRef): PredictionHost => ({
  ...host,
  masks: new Map(host.masks).set(register, withBits(host.masks.get(register) ?? 0n, fieldMask(field))),
  trials: NO_TRIALS,
})

/** A kernel that lets a VMM change the field is known to exist only if a member has one. */
const behind = (members: readonly Member[], ref: FieldRef): readonly string[] => {
  const register = registerByName(ref.register)
  const fixed = members.filter(
    ({ prediction }) => prediction.untold?.masks !== true && !isWritable(prediction, ref),
  )
  if (register === undefined || fixed.length === 0 || fixed.length === members.length) return []
  const all = members.map(({ prediction }) => madeWritable(prediction, ref))
  return greatestCommonValue(register, ref.field, all).kind === 'value' ? fixed.map((one) => one.class) : []
}

/** What each member shows of a field that keeps them apart, and which of them a newer kernel would help. */
export const disagreeingMembers = (
  { register, field }: UnlevelledField,
  members: readonly Member[],
): DisagreeingMembers => {
  if (field === undefined) return { byValue: [], behind: [] }
  const ref = { register, field }
  const groups = Map.groupBy(members, (member) => shownBy(member, ref))
  const byValue = [...groups].flatMap(([raw, group]) =>
    raw === undefined ? [] : [[raw, group.map((one) => one.class)] as const],
  )
  return { byValue: byValue.toSorted(([a], [b]) => a - b), behind: behind(members, ref) }
}
