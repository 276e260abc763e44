import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BpfInstruction } from '../../src/linux/abi/bpf.ts'
import { AARCH64_SYSCALLS, AUDIT_ARCH_AARCH64 } from '../../src/linux/abi/aarch64-syscalls.ts'
import { KVM_RUN } from '../../src/linux/abi/kvm.ts'
import { SECCOMP_DATA, SECCOMP_RET_ALLOW } from '../../src/linux/abi/seccomp.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'

/** The default filter of a container runtime: test/fixtures/default-filter. */
export const defaultFilter = async (): Promise<BpfInstruction[]> => {
  const text = await readFile(join(LAB_PATHS.root, 'test/fixtures/default-filter/default-filter.h'), 'utf8')
  return [...text.matchAll(/^\{ (\w+), (\w+), (\w+), (\w+) \},$/gm)].map(([, code, ifTrue, ifFalse, k]) => ({
    code: Number(code),
    ifTrue: Number(ifTrue),
    ifFalse: Number(ifFalse),
    k: Number(k),
  }))
}

/** struct seccomp_data of a KVM_RUN. */
const kvmRun = (): DataView => {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(SECCOMP_DATA.nr, AARCH64_SYSCALLS.ioctl, true)
  data.setUint32(SECCOMP_DATA.arch, AUDIT_ARCH_AARCH64, true)
  data.setUint32(SECCOMP_DATA.args + 8, KVM_RUN, true)
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
  0x06: () => undefined,
}

/**
 * How many instructions of a filter are executed for a KVM_RUN, up to the one that lets it pass, and whether its arguments were looked
 * at: where they are not, Linux 5.11 and later does not execute the filter at all (seccomp_cache_prepare, kernel/seccomp.c). Throws if
 * it does not pass.
 */
export const stepsOfKvmRun = (
  program: readonly BpfInstruction[],
): { readonly executed: number; readonly looksAtArguments: boolean } => {
  const data = kvmRun()
  let accumulator = 0
  let looksAtArguments = false
  for (let at = 0, executed = 1; ; at += 1, executed += 1) {
    const one = program[at] ?? { code: 0, ifTrue: 0, ifFalse: 0, k: 0 }
    const operation = OPERATIONS[one.code]
    if (operation === undefined) throw new Error(`instruction ${at} is none that is known`)
    looksAtArguments ||= one.code === 0x20 && one.k >= SECCOMP_DATA.args
    const effect = operation(one, accumulator, data)
    if (effect !== undefined) {
      at += effect.skip
      accumulator = effect.accumulator
      continue
    }
    if (one.k !== SECCOMP_RET_ALLOW) throw new Error(`KVM_RUN gets 0x${one.k.toString(16)}`)
    return { executed, looksAtArguments }
  }
}
