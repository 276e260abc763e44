import type { HostDocument } from '../api/host-document.ts'
import { CACHE_GEOMETRY_IDS } from '../arm64/stream-registers.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { remembered } from '../plan/remembered.ts'
import { cacheLinesOf, type CacheLines } from '../profile/baseline/cache-lines.ts'
import { blocked, obstacle } from './reach-obstacle.ts'
import type { ReachObstacle } from './reach-obstacle.ts'

const text = ({ data, instruction }: CacheLines): string => `data ${data}, instruction ${instruction} bytes`

const linesOf = remembered(cacheLinesOf)

const carriedUnder = remembered(({ excludedRegisters: excluded }: ResolvedPlan) =>
  CACHE_GEOMETRY_IDS.map((id, csselr) => ({ id, isData: csselr % 2 === 0 })).filter(
    ({ id }) => !excluded.has(id),
  ),
)

/** A host takes no CCSIDR_EL1 of a stream with lines smaller than its own. */
export const cacheObstacles = (
  plan: ResolvedPlan,
  a: HostDocument,
  b: HostDocument,
): readonly ReachObstacle[] => {
  const carried = carriedUnder(plan)
  const [ofA, ofB] = [linesOf(a), linesOf(b)]
  // A document without CTR_EL0 has it among its unknown registers.
  if (ofA === undefined || ofB === undefined) return []
  const refuses = (to: CacheLines, from: CacheLines): boolean =>
    carried.some(({ isData }) => (isData ? from.data < to.data : from.instruction < to.instruction))
  const blocks = blocked(refuses(ofB, ofA), refuses(ofA, ofB))
  if (blocks === undefined) return []
  const said = { register: 'CCSIDR_EL1', field: 'LineSize', a: text(ofA), b: text(ofB) }
  return [obstacle(blocks, 'CacheLinesDiffer', said)]
}
