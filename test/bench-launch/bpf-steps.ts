import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BpfInstruction } from '../../src/linux/abi/bpf.ts'
import { AARCH64_SYSCALLS, AUDIT_ARCH_AARCH64 } from '../../src/linux/abi/aarch64-syscalls.ts'
import { KVM_RUN } from '../../src/linux/abi/kvm.ts'
import { SECCOMP_RET_ALLOW } from '../../src/linux/abi/seccomp.ts'
import { executeBpf } from '../harness/execute-bpf.ts'
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

/**
 * How many instructions of a filter are executed for a KVM_RUN, up to the one that lets it pass, and whether its arguments were looked
 * at. Throws if it does not pass.
 */
export const stepsOfKvmRun = (
  program: readonly BpfInstruction[],
): { readonly executed: number; readonly looksAtArguments: boolean } => {
  const kvmRun = { nr: AARCH64_SYSCALLS.ioctl, arch: AUDIT_ARCH_AARCH64, args: [0n, BigInt(KVM_RUN)] }
  const { result, ...steps } = executeBpf(program, kvmRun)
  if (result !== SECCOMP_RET_ALLOW) throw new Error(`KVM_RUN gets 0x${result.toString(16)}`)
  return steps
}
