import type { HostLimits } from './host-limits.ts'

const inSomeNotAll = (sets: readonly ReadonlySet<string>[]): readonly string[] =>
  [...new Set(sets.flatMap((set) => [...set]))].filter((id) => !sets.every((set) => set.has(id)))

/** Numerically ascending KVM register ids, each once. */
export const sortedIds = (ids: Iterable<string>): string[] =>
  [...new Set(ids)].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))

/**
 * The KVM register ids that some members list and others do not: left out of the list on every host, or a migration stream has
 * a register that its destination does not know. The shipped list itself need not be known: it is the same for all.
 * A member with an unknown list is left out of account: its reach is unknown.
 */
export const commonListExclusions = (members: readonly HostLimits[]): readonly string[] => {
  const lists = members.flatMap(({ list }) => list ?? [])
  return sortedIds([
    ...inSomeNotAll(lists.map(({ added }) => added)),
    ...inSomeNotAll(lists.map(({ removed }) => removed)),
  ])
}
