import { fromHex64 } from '../api/hex64.ts'
import type { HostDocument } from '../api/host-document.ts'
import { levelled } from '../plan/level.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { shownTagLine } from '../plan/shown-tag-line.ts'

/** The raw CTR_EL0.TminLine that guests of the plan read on a host; undefined if its document does not tell. */
export const plannedTagLine = ({ byName }: ResolvedPlan, host: HostDocument): number | undefined => {
  const own = host.guestView['CTR_EL0']
  if (own === undefined) return undefined
  const planned = byName.get('CTR_EL0')
  const shown = new Map([['CTR_EL0', fromHex64(own)]])
  return shownTagLine(host, (planned ? levelled([planned], shown) : shown).get('CTR_EL0'))
}
