/** Sets of items, by their index. */
type Indices = readonly number[]

/** With more items than this, only subsets around each of them are looked at. */
const MOST_EXACT = 16

/** Bron and Kerbosch's enumeration of the maximal cliques of a graph, with a pivot. */
const maximalCliques = (
  adjacent: (a: number, b: number) => boolean,
  [chosen, candidates, excluded]: readonly [Indices, Indices, Indices],
): Indices[] => {
  const [pivot] = [...candidates, ...excluded]
  if (pivot === undefined) return [chosen]
  const cliques: Indices[] = []
  let [left, done] = [candidates, excluded]
  for (const one of candidates.filter((other) => other === pivot || !adjacent(pivot, other))) {
    const near = (others: Indices): Indices => others.filter((other) => adjacent(one, other))
    cliques.push(...maximalCliques(adjacent, [[...chosen, one], near(left), near(done)]))
    left = left.filter((other) => other !== one)
    done = [...done, one]
  }
  return cliques
}

/** One set per item: it begins with that item and takes in every other one that goes with all taken before. */
const greedyCliques = (count: number, adjacent: (a: number, b: number) => boolean): Indices[] =>
  Array.from({ length: count }, (_, start) =>
    Array.from({ length: count }, (_unused, step) => (start + step) % count).reduce<number[]>(
      (taken, one) => (taken.every((other) => adjacent(one, other)) ? [...taken, one] : taken),
      [],
    ),
  )

/** The most calls of `works` for the rest of one set. */
const MOST_ASKED = 500

/** Each set without one of its items, each once. */
const withoutOne = (sets: readonly Indices[]): Indices[] => [
  ...new Map(
    sets
      .filter(({ length }) => length > 1)
      .flatMap((set) => set.map((dropped) => set.filter((one) => one !== dropped)))
      .map((set) => [set.join(), set] as const),
  ).values(),
]

/** The largest working subsets of a set whose pairs all work. The set as a whole may still not work. */
const workingSubsets = (whole: Indices, works: (indices: Indices) => boolean): Indices[] => {
  const found: Indices[] = []
  let asked = 0
  for (let level = [whole]; level.length > 0 && asked < MOST_ASKED;) {
    const open = level.filter((set) => !found.some((other) => set.every((one) => other.includes(one))))
    asked += open.length
    const working = open.filter((set) => set.length === 1 || works(set))
    found.push(...working)
    level = withoutOne(open.filter((set) => !working.includes(set)))
  }
  return found
}

/**
 * The largest subsets of `items` for which `works` holds, largest first and none within another; at most `most`. `works` must hold
 * for every single item, and for every subset of a set for which it holds: it is asked of each pair, and then of the subsets found.
 */
export const largestSubsets = <T>(
  items: readonly T[],
  works: (subset: readonly T[]) => boolean,
  most = 3,
): T[][] => {
  const at = (indices: Indices): T[] => indices.flatMap((index) => items.slice(index, index + 1))
  const pairs = items.map((_, a) => items.map((_unused, b) => a < b && works(at([a, b]))))
  const adjacent = (a: number, b: number): boolean => pairs[Math.min(a, b)]?.[Math.max(a, b)] ?? false
  const all = items.map((_, index) => index)
  const cliques =
    items.length <= MOST_EXACT
      ? maximalCliques(adjacent, [[], all, []])
      : greedyCliques(items.length, adjacent)
  const found = cliques
    .flatMap((clique) =>
      workingSubsets(
        clique.toSorted((a, b) => a - b),
        (indices) => works(at(indices)),
      ),
    )
    .toSorted((a, b) => b.length - a.length || a.join().localeCompare(b.join()))
  const kept = found.filter(
    (one, index) => !found.slice(0, index).some((other) => one.every((item) => other.includes(item))),
  )
  return kept.slice(0, most).map(at)
}
