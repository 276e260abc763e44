import { fromHex64 } from '../api/hex64.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import type { HostLimits } from '../profile/baseline/host-limits.ts'
import { blocked, obstacle } from './reach-obstacle.ts'
import type { ReachObstacle } from './reach-obstacle.ts'

const missing = (from: ReadonlySet<string>, inOther: ReadonlySet<string>): readonly string[] =>
  [...from].filter((id) => !inOther.has(id))

/** The KVM register ids that `a` lists and `b` does not; the shipped list is the same for both and need not be known. */
const onlyIn = (a: HostLimits, b: HostLimits, excluded: ReadonlySet<bigint>): readonly string[] =>
  [...missing(a.listAdded, b.listAdded), ...missing(b.listRemoved, a.listRemoved)].filter(
    (id) => !excluded.has(fromHex64(id)),
  )

const sample = (ids: readonly string[]): string =>
  ids.length === 0 ? 'none' : `${ids[0] ?? ''}${ids.length > 1 ? ` and ${ids.length - 1} more` : ''}`

/** A stream can have no register that its destination does not list; one that the source lacks keeps its reset value. */
export const listObstacles = (plan: ResolvedPlan, a: HostLimits, b: HostLimits): readonly ReachObstacle[] => {
  const { excludedRegisters: excluded } = plan
  const [onlyA, onlyB] = [onlyIn(a, b, excluded), onlyIn(b, a, excluded)]
  const blocks = blocked(onlyA.length > 0, onlyB.length > 0)
  if (blocks === undefined) return []
  return [
    obstacle(blocks, 'RegisterListDiffers', {
      a: sample(onlyA),
      b: sample(onlyB),
    }),
  ]
}
