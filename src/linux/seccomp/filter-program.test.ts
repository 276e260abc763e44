import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AARCH64_SYSCALLS, AUDIT_ARCH_AARCH64 } from '../abi/aarch64-syscalls.ts'
import { BPF_JUMP_EQUAL, BPF_LOAD_WORD, encodeBpf } from '../abi/bpf.ts'
import type { BpfInstruction } from '../abi/bpf.ts'
import {
  KVM_ARM_VCPU_INIT,
  KVM_CHECK_EXTENSION,
  KVM_CREATE_VM,
  KVM_GET_REG_LIST,
  KVM_RUN,
  KVM_SET_ONE_REG,
} from '../abi/kvm.ts'
import { SECCOMP_DATA, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF } from '../abi/seccomp.ts'
import { filterProgram } from './filter-program.ts'

type Call = { nr?: number; arch?: number; args?: readonly bigint[] }

const seccompData = ({ nr = AARCH64_SYSCALLS.ioctl, arch = AUDIT_ARCH_AARCH64, args = [] }: Call): Buffer => {
  const data = Buffer.alloc(SECCOMP_DATA.size)
  data.writeInt32LE(nr, SECCOMP_DATA.nr)
  data.writeUInt32LE(arch, SECCOMP_DATA.arch)
  args.forEach((value, index) => data.writeBigUInt64LE(value, SECCOMP_DATA.args + 8 * index))
  return data
}

/** An interpreter of the kernel's encoding of classic BPF; counts what it executes. */
const execute = (program: readonly BpfInstruction[], call: Call): { result: number; steps: number } => {
  const code = encodeBpf(program)
  const data = seccompData(call)
  let accumulator = 0
  let steps = 0
  for (let at = 0; at < program.length; at++) {
    steps++
    const operation = code.readUInt16LE(at * 8)
    const k = code.readUInt32LE(at * 8 + 4)
    if (operation === BPF_LOAD_WORD) accumulator = data.readUInt32LE(k)
    else if (operation === BPF_JUMP_EQUAL) at += code.readUInt8(at * 8 + (accumulator === k ? 2 : 3))
    else return { result: k, steps }
  }
  throw new Error('ran past the end')
}

const program = filterProgram({
  requests: [KVM_CREATE_VM, KVM_ARM_VCPU_INIT, KVM_GET_REG_LIST],
  hidden: [126, 205],
  capabilities: [170, 171, 172],
})
const notifies = (call: Call): boolean => execute(program, call).result === SECCOMP_RET_USER_NOTIF
const request = (value: number, argument = 0n): Call => ({ args: [3n, BigInt(value), argument] })

describe('filterProgram', () => {
  for (const [name, value] of Object.entries({ KVM_CREATE_VM, KVM_ARM_VCPU_INIT, KVM_GET_REG_LIST })) {
    it(`notifies ${name}`, () => {
      assert.ok(notifies(request(value)))
    })
    it(`notifies ${name} with a sign or garbage in the upper half of the request`, () => {
      assert.ok(notifies({ args: [3n, 0xffff_ffff_0000_0000n | BigInt(value), 0n] }))
      assert.ok(notifies({ args: [3n, 0x1234_5678_0000_0000n | BigInt(value), 0n] }))
    })
    it(`lets ${name} of another architecture pass`, () => {
      assert.ok(!notifies({ ...request(value), arch: 0x4000_0028 }))
    })
    it(`lets another system call with the arguments of ${name} pass`, () => {
      assert.ok(!notifies({ ...request(value), nr: AARCH64_SYSCALLS.mmap }))
    })
  }

  it('notifies KVM_CHECK_EXTENSION of the named capabilities alone', () => {
    const notified = Array.from({ length: 256 }, (_, capability) => capability).filter((capability) =>
      notifies(request(KVM_CHECK_EXTENSION, BigInt(capability))),
    )
    assert.deepEqual(notified, [170, 171, 172])
  })

  it('has KVM_CHECK_EXTENSION of hidden capabilities, and of no other, return 0', () => {
    const hidden = Array.from({ length: 256 }, (_, capability) => capability).filter(
      (capability) =>
        execute(program, request(KVM_CHECK_EXTENSION, BigInt(capability))).result === SECCOMP_RET_ERRNO,
    )
    assert.deepEqual(hidden, [126, 205])
    assert.equal(execute(program, request(KVM_CREATE_VM, 126n)).result, SECCOMP_RET_USER_NOTIF)
  })

  it('lets KVM_RUN pass by the fifth instruction, however many requests are named', () => {
    const { result, steps } = execute(program, request(KVM_RUN))
    assert.equal(result, SECCOMP_RET_ALLOW)
    assert.equal(steps, 5)
  })

  it('lets what a running VM does pass', () => {
    assert.ok(!notifies(request(KVM_SET_ONE_REG)))
    assert.ok(!notifies(request(0xffff_ffff)))
  })

  it('notifies no KVM_CHECK_EXTENSION where no capability is named', () => {
    const bare = filterProgram({ hidden: [], requests: [KVM_CREATE_VM], capabilities: [] })
    assert.equal(execute(bare, request(KVM_CHECK_EXTENSION, 170n)).result, SECCOMP_RET_ALLOW)
    assert.equal(execute(bare, request(KVM_CREATE_VM)).result, SECCOMP_RET_USER_NOTIF)
  })
})
