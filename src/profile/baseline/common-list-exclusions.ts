import { toHex64 } from '../../api/hex64.ts'
import { CACHE_GEOMETRY_IDS } from '../../arm64/stream-registers.ts'
import { canonicalJson } from '../../plan/canonical-json.ts'
import { cacheLinesOf } from './cache-lines.ts'
import type { HostLimits } from './host-limits.ts'

const inSomeNotAll = (sets: readonly ReadonlySet<string>[]): readonly string[] =>
  [...new Set(sets.flatMap((set) => [...set]))].filter((id) => !sets.every((set) => set.has(id)))

/** Numerically ascending KVM register ids, each once. */
export const sortedIds = (ids: Iterable<string>): string[] =>
  [...new Set(ids)].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))

/** Whether every CCSIDR_EL1 that one member gives a stream is what the others give it too. */
const haveCommonCacheLines = (members: readonly Pick<HostLimits, 'host'>[]): boolean =>
  new Set(members.map(({ host }) => canonicalJson(cacheLinesOf(host) ?? {}))).size <= 1

/**
 * The KVM register ids that some members list and others do not. They are left out of the list on every host, because otherwise a
 * migration stream has a register that its destination does not know. The shipped list need not be known here, because it is the same
 * for all. CCSIDR_EL1 is left out too if cache lines differ: KVM makes it from the host and refuses another host's.
 * A member with an unknown list does not count: its reach is unknown.
 */
export const commonListExclusions = (members: readonly HostLimits[]): readonly string[] => {
  const lists = members.flatMap(({ list }) => list ?? [])
  return sortedIds([
    ...(haveCommonCacheLines(members) ? [] : CACHE_GEOMETRY_IDS.map(toHex64)),
    ...inSomeNotAll(lists.map(({ added }) => added)),
    ...inSomeNotAll(lists.map(({ removed }) => removed)),
  ])
}
