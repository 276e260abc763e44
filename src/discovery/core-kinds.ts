/** A kind of core: MIDR_EL1, and the numbers of the CPUs that are of it, where they are told. */
export type CoreKind = { readonly midr: bigint; readonly cpus: readonly number[] }

/** The kinds of cores among CPUs, by what each of them is. */
export const coreKinds = (midrs: ReadonlyMap<number, bigint>): readonly CoreKind[] =>
  [
    ...Map.groupBy(
      [...midrs.keys()].sort((a, b) => a - b),
      (cpu) => midrs.get(cpu) ?? 0n,
    ),
  ].map(([midr, cpus]) => ({ midr, cpus }))

/** CPU numbers as Linux lists them: `0-3,8`. */
export const cpuList = (cpus: readonly number[]): string => {
  const ranges: [number, number][] = []
  for (const cpu of cpus.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === cpu - 1) last[1] = cpu
    else ranges.push([cpu, cpu])
  }
  return ranges.map(([first, end]) => (first === end ? String(first) : `${first}-${end}`)).join(',')
}
