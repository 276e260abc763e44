/** Does the work for all items, in their order, two at a time: an emulated host is one CPU of a machine that has two. */
export const twoAtOnce = async <T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> => {
  const waiting = [...items.entries()]
  const results: R[] = []
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results[next[0]] = await work(next[1])
  }
  await Promise.all([worker(), worker()])
  return results
}
