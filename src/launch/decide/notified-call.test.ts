import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AARCH64_SYSCALLS, AUDIT_ARCH_AARCH64 } from '../../linux/abi/aarch64-syscalls.ts'
import { KVM_ARM_VCPU_INIT, KVM_CHECK_EXTENSION, KVM_GET_REG_LIST } from '../../linux/abi/kvm.ts'
import { notifiedCall } from './notified-call.ts'

const ioctl = (...args: bigint[]) => ({
  syscall: AARCH64_SYSCALLS.ioctl,
  arch: AUDIT_ARCH_AARCH64,
  args,
})
const SIGN = 0xffff_ffff_0000_0000n

describe('notifiedCall', () => {
  it('reads fd and request as the 32 bits the kernel takes, the argument as a whole address', () => {
    const address = 0xffff_8000_1234_5678n
    assert.deepEqual(notifiedCall(ioctl(SIGN | 16n, SIGN | BigInt(KVM_GET_REG_LIST), address)), {
      kind: 'get-reg-list',
      fd: 16,
      argument: address,
    })
    assert.deepEqual(notifiedCall(ioctl(16n, BigInt(KVM_ARM_VCPU_INIT), address)), {
      kind: 'vcpu-init',
      fd: 16,
      argument: address,
    })
  })

  it('reads the capability that is asked for', () => {
    assert.deepEqual(notifiedCall(ioctl(3n, BigInt(KVM_CHECK_EXTENSION), 170n)), {
      kind: 'check-extension',
      capability: 170,
    })
  })

  it('knows no call of another architecture', () => {
    const call = { ...ioctl(3n, BigInt(KVM_CHECK_EXTENSION), 170n), arch: 0x4000_0028 }
    assert.deepEqual(notifiedCall(call), { kind: 'other' })
  })
})
