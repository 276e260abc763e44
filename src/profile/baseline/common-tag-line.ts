import type { Baseline } from '../../api/cpu-feature-profile.ts'
import { fromHex64 } from '../../api/hex64.ts'
import type { UnlevelledField } from './common-register.ts'
import type { Member } from './member.ts'
import { TAG_LINE, shownTagLine } from '../../plan/shown-tag-line.ts'

/** CTR_EL0.TminLine as guests of all members read it, or how they differ in it. */
export type CommonTagLine = { readonly value?: number; readonly unlevelled: readonly UnlevelledField[] }

/**
 * What guests of the members read of CTR_EL0.TminLine, although KVM shows user space the same value everywhere. `ctr` is the
 * common CTR_EL0; members (and a `bound`) that do not tell are not counted.
 */
export const commonTagLine = (
  members: readonly Member[],
  ctr: string | undefined,
  bound: Baseline | undefined,
): CommonTagLine => {
  const shown = members.map(({ host }) => shownTagLine(host, ctr === undefined ? undefined : fromHex64(ctr)))
  const before = bound?.registers['CTR_EL0'] === ctr ? bound?.untrapped.tminLine : undefined
  const values = [...new Set([before, ...shown])].filter((value) => value !== undefined).sort((a, b) => a - b)
  const [value, another] = values
  if (value === undefined) return { unlevelled: [] }
  if (another === undefined) return { value, unlevelled: [] }
  return { unlevelled: [{ register: 'CTR_EL0', field: TAG_LINE, why: 'NotWritable', values }] }
}
