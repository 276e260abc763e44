import { fromHex64 } from '../api/hex64.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { shownTagLine } from '../plan/shown-tag-line.ts'

/** The raw CTR_EL0.TminLine that guests of the plan read on a host; undefined where its document does not tell. */
export const plannedTagLine = ({ byName }: ResolvedPlan, host: HostDocument): number | undefined => {
  const own = host.guestView['CTR_EL0']
  if (own === undefined) return undefined
  const { mask, value } = byName.get('CTR_EL0') ?? { mask: 0n, value: 0n }
  return shownTagLine(host, (fromHex64(own) & ~mask) | (value & mask))
}
