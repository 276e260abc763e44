import type { VcpuFeature } from '../../../api/vcpu-feature.ts'

/** A kind of core: MIDR_EL1, and the numbers of the CPUs that are of it, where they are told. */
export type CoreKind = { readonly midr: bigint; readonly cpus: readonly number[] }

/** What another program's output tells of a host. What is absent is not told, and so unknown. */
export type ForeignHost = {
  readonly kind: 'host'
  /** What it was made of, in words that follow "made of". */
  readonly from: string
  readonly kernel?: string
  /** By KVM's ONE_REG id. */
  readonly registers: ReadonlyMap<bigint, bigint>
  /** Whether `registers` is what KVM gave a vCPU, all of it. */
  readonly ofKvm: boolean
  /** The vCPU features of that vCPU. */
  readonly vcpuFeatures?: readonly VcpuFeature[]
  /** In the order of their first CPU. */
  readonly cores: readonly CoreKind[]
  readonly hwcaps?: readonly string[]
  readonly notes: readonly string[]
}

/** The kinds of cores among CPUs, by what each of them is. */
export const coreKinds = (midrs: ReadonlyMap<number, bigint>): readonly CoreKind[] =>
  [
    ...Map.groupBy(
      [...midrs.keys()].sort((a, b) => a - b),
      (cpu) => midrs.get(cpu) ?? 0n,
    ),
  ].map(([midr, cpus]) => ({
    midr,
    cpus,
  }))

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
