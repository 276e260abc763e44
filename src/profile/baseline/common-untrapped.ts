import type { Baseline } from '../../api/cpu-feature-profile.ts'
import { fromHex64 } from '../../api/hex64.ts'
import type { Untrapped } from '../../api/plan.ts'
import type { UnlevelledField } from './common-register.ts'
import type { Member } from './member.ts'
import { TAG_LINE, shownTagLine, untrappedOfHost, withTagLine } from '../../plan/untrapped.ts'

/** What guests of all members read untrapped, and the field that they differ in. */
export type CommonUntrapped = {
  readonly untrapped: Untrapped
  readonly unlevelled: readonly UnlevelledField[]
}

/**
 * What guests of the members read untrapped. The members agree but for CTR_EL0.TminLine, which may differ although KVM shows user
 * space the same value everywhere. `ctr` is the common CTR_EL0; members (and a `bound`) that do not tell are not counted.
 */
export const commonUntrapped = (
  members: readonly Member[],
  ctr: string | undefined,
  bound: Baseline | undefined,
): CommonUntrapped => {
  const agreed = bound?.untrapped ?? members[0]?.host ?? {}
  const shown = members.map(({ host }) => shownTagLine(host, ctr === undefined ? undefined : fromHex64(ctr)))
  const before = bound?.registers['CTR_EL0'] === ctr ? bound?.untrapped.tminLine : undefined
  const values = [...new Set([before, ...shown])].filter((value) => value !== undefined).sort((a, b) => a - b)
  return values.length > 1
    ? { untrapped: untrappedOfHost(agreed), unlevelled: [{ ...TAG_LINE, why: 'NotWritable', values }] }
    : { untrapped: withTagLine(agreed, values[0]), unlevelled: [] }
}
