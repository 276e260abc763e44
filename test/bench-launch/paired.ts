import { median } from '../bench/statistics.ts'

/** What turns say of a value: the one in the middle, and the bounds of a 95 % interval for it. */
export type Interval = { readonly middle: number; readonly low: number; readonly high: number }

const COVERAGE = 0.95

/** How probable it is that of `count` values at most `most` are below the true median: a sum of binomial terms. */
const probabilityOfAtMost = (most: number, count: number): number => {
  let term = 0.5 ** count
  let sum = 0
  for (let below = 0; below <= most; below += 1) {
    sum += term
    term *= (count - below) / (below + 1)
  }
  return sum
}

/**
 * The median of values that turns gave, and its interval by order statistics: it assumes nothing about the distribution, and one odd
 * turn moves it by one place. Fewer than six values have no such interval: then it is without bounds.
 */
export const medianInterval = (values: readonly number[]): Interval => {
  const sorted = values.toSorted((a, b) => a - b)
  let outer = -1
  while (2 * probabilityOfAtMost(outer + 1, sorted.length) <= 1 - COVERAGE) outer += 1
  return {
    middle: median(values),
    low: sorted[outer] ?? -Infinity,
    high: sorted[sorted.length - 1 - outer] ?? Infinity,
  }
}

/** Each turn's own pair, combined: what disturbs both of a turn is in neither result. A turn that lacks one is left out. */
export const paired = (
  ours: readonly number[],
  others: readonly number[],
  combine: (ours: number, other: number) => number,
): number[] =>
  ours.map((one, turn) => combine(one, others[turn] ?? NaN)).filter((value) => !Number.isNaN(value))

/** Whether a value is below a target: `cannot tell` if the interval has the target in it, or is wider than the target. */
export type Judgement = 'ok' | 'MISSED' | 'cannot tell'

export const judge = ({ low, high }: Interval, target: number): Judgement => {
  if (!(high - low <= target)) return 'cannot tell'
  if (high < target) return 'ok'
  return low >= target ? 'MISSED' : 'cannot tell'
}
