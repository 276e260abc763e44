import type { BpfInstruction } from '../../src/linux/abi/bpf.ts'
import { SECCOMP_DATA } from '../../src/linux/abi/seccomp.ts'

/** A call as a filter sees it: struct seccomp_data. */
export type FilteredCall = {
  readonly nr: number
  readonly arch: number
  /** 64 bits each. */
  readonly args?: readonly bigint[]
}

const seccompData = ({ nr, arch, args = [] }: FilteredCall): DataView => {
  const data = new DataView(new ArrayBuffer(SECCOMP_DATA.size))
  data.setInt32(SECCOMP_DATA.nr, nr, true)
  data.setUint32(SECCOMP_DATA.arch, arch, true)
  args.forEach((value, index) => {
    data.setBigUint64(SECCOMP_DATA.args + 8 * index, value, true)
  })
  return data
}

/** What an instruction does: how many it skips, and what is in the accumulator then; undefined if it returns. */
type Effect = { readonly skip: number; readonly accumulator: number } | undefined

// The operations of libseccomp's filters: include/uapi/linux/bpf_common.h.
const OPERATIONS: Readonly<
  Record<number, (one: BpfInstruction, accumulator: number, data: DataView) => Effect>
> = {
  0x20: ({ k }, _, data) => ({ skip: 0, accumulator: data.getUint32(k, true) }),
  0x54: ({ k }, accumulator) => ({ skip: 0, accumulator: (accumulator & k) >>> 0 }),
  0x05: ({ k }, accumulator) => ({ skip: k, accumulator }),
  0x15: ({ k, ifTrue, ifFalse }, accumulator) => ({
    skip: accumulator === k ? ifTrue : ifFalse,
    accumulator,
  }),
  0x25: ({ k, ifTrue, ifFalse }, accumulator) => ({ skip: accumulator > k ? ifTrue : ifFalse, accumulator }),
  0x35: ({ k, ifTrue, ifFalse }, accumulator) => ({ skip: accumulator >= k ? ifTrue : ifFalse, accumulator }),
  0x45: ({ k, ifTrue, ifFalse }, accumulator) => ({
    skip: (accumulator & k) !== 0 ? ifTrue : ifFalse,
    accumulator,
  }),
  0x06: () => undefined,
}

export type BpfResult = {
  /** SECCOMP_RET_*, with its data. */
  readonly result: number
  /** How many instructions were executed. */
  readonly executed: number
  /**
   * Whether the arguments were looked at: where they are not, Linux 5.11 and later does not execute the filter at all
   * (seccomp_cache_prepare, kernel/seccomp.c).
   */
  readonly looksAtArguments: boolean
}

/** Executes a filter for a call, as the kernel does. */
export const executeBpf = (program: readonly BpfInstruction[], call: FilteredCall): BpfResult => {
  const data = seccompData(call)
  let accumulator = 0
  let looksAtArguments = false
  for (let at = 0, executed = 1; ; at += 1, executed += 1) {
    const one = program[at] ?? { code: 0, ifTrue: 0, ifFalse: 0, k: 0 }
    const operation = OPERATIONS[one.code]
    if (operation === undefined) throw new Error(`instruction ${at} is none that is known`)
    looksAtArguments ||= one.code === 0x20 && one.k >= SECCOMP_DATA.args
    const effect = operation(one, accumulator, data)
    if (effect === undefined) return { result: one.k, executed, looksAtArguments }
    at += effect.skip
    accumulator = effect.accumulator
  }
}
