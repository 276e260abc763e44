import { fromHex64 } from '../api/hex64.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import type { HostLimits, ToldList } from '../profile/baseline/host-limits.ts'
import { namesText } from './names-text.ts'
import { blocked, obstacle } from './reach-obstacle.ts'
import type { ReachObstacle } from './reach-obstacle.ts'

const missing = (from: ReadonlySet<string>, inOther: ReadonlySet<string>): readonly string[] =>
  [...from].filter((id) => !inOther.has(id))

/** The KVM register ids that `a` lists and `b` does not; the shipped list need not be known, because it is the same for both. */
const onlyIn = (a: ToldList, b: ToldList, excluded: ReadonlySet<bigint>): readonly string[] =>
  [...missing(a.added, b.added), ...missing(b.removed, a.removed)].filter(
    (id) => !excluded.has(fromHex64(id)),
  )

/** A stream can have no register that its destination does not list; one that the source lacks keeps its reset value. */
export const listObstacles = (plan: ResolvedPlan, a: HostLimits, b: HostLimits): readonly ReachObstacle[] => {
  const { excludedRegisters: excluded } = plan
  if (a.list === undefined || b.list === undefined) {
    const text = ({ list }: HostLimits): string => (list === undefined ? 'unknown' : 'known')
    return [obstacle('both', 'RegisterListUnknown', { a: text(a), b: text(b) })]
  }
  const unclassified = a.list.unclassified.filter(
    (id) => b.list?.added.has(id) && !excluded.has(fromHex64(id)),
  )
  const [onlyA, onlyB] = [onlyIn(a.list, b.list, excluded), onlyIn(b.list, a.list, excluded)]
  const blocks = blocked(onlyA.length > 0, onlyB.length > 0)
  const both = namesText(unclassified)
  return [
    ...(unclassified.length === 0 ? [] : [obstacle('both', 'RegisterUnclassified', { a: both, b: both })]),
    ...(blocks === undefined
      ? []
      : [obstacle(blocks, 'RegisterListDiffers', { a: namesText(onlyA), b: namesText(onlyB) })]),
  ]
}
