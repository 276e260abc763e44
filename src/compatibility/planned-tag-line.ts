import { fromHex64 } from '../api/hex64.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { shownTagLine } from '../plan/shown-tag-line.ts'
import { NOTHING_PLANNED, planBits } from './plan-bits.ts'

/** The raw CTR_EL0.TminLine that guests of the plan read on a host; undefined where its document does not tell. */
export const plannedTagLine = (plan: Plan, host: HostDocument): number | undefined => {
  const own = host.guestView['CTR_EL0']
  if (own === undefined) return undefined
  const { mask, value } = planBits(plan).get('CTR_EL0') ?? NOTHING_PLANNED
  return shownTagLine(host, (fromHex64(own) & ~mask) | (value & mask))
}
