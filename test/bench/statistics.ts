/** The value in the middle; of an even number the upper of the two. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

/** The mean, and half the width of its 95 % confidence interval (normal approximation). */
export const meanAndHalfWidth = (values: readonly number[]): readonly [number, number] => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return [mean, (1.96 * Math.sqrt(squares / (values.length - 1))) / Math.sqrt(values.length)]
}
