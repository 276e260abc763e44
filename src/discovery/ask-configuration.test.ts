import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ERRNO } from '../linux/abi/errno.ts'
import { SystemCallError } from '../linux/errno.ts'
import { isRefusal } from './ask-configuration.ts'

describe("KVM's refusal of a vCPU configuration", () => {
  it('is an errno that says no, from a call that asks for something', () => {
    assert.ok(isRefusal(new SystemCallError('ioctl KVM_ARM_VCPU_INIT', ERRNO.EINVAL)))
    assert.ok(isRefusal(new SystemCallError('ioctl KVM_ARM_VCPU_INIT', ERRNO.ENOENT)))
    assert.ok(
      isRefusal(new SystemCallError('ioctl KVM_ENABLE_CAP', ERRNO.EINVAL, { operand: 'KVM_CAP_ARM_MTE' })),
    )
  })

  it('is no other errno: a host short of memory may have the feature', () => {
    assert.ok(!isRefusal(new SystemCallError('ioctl KVM_ARM_VCPU_INIT', ERRNO.ENOMEM)))
    assert.ok(!isRefusal(new SystemCallError('ioctl KVM_ARM_VCPU_FINALIZE', ERRNO.EPERM)))
  })

  it('is never the failure of another call', () => {
    assert.ok(!isRefusal(new SystemCallError('ioctl KVM_CREATE_VM', ERRNO.EINVAL)))
    assert.ok(!isRefusal(new SystemCallError('ioctl KVM_GET_ONE_REG', ERRNO.ENOENT)))
  })
})
