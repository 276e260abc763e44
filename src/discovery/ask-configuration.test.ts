import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SystemCallError } from '../linux/errno.ts'
import { isRefusal } from './ask-configuration.ts'

const EPERM = 1
const ENOENT = 2
const ENOMEM = 12
const EINVAL = 22

describe("KVM's refusal of a vCPU configuration", () => {
  it('is an errno that says no, from a call that asks for something', () => {
    assert.ok(isRefusal(new SystemCallError('ioctl KVM_ARM_VCPU_INIT', EINVAL)))
    assert.ok(isRefusal(new SystemCallError('ioctl KVM_ARM_VCPU_INIT', ENOENT)))
    assert.ok(isRefusal(new SystemCallError('ioctl KVM_ENABLE_CAP KVM_CAP_ARM_MTE', EINVAL)))
  })

  it('is no other errno: a host short of memory may have the feature', () => {
    assert.ok(!isRefusal(new SystemCallError('ioctl KVM_ARM_VCPU_INIT', ENOMEM)))
    assert.ok(!isRefusal(new SystemCallError('ioctl KVM_ARM_VCPU_FINALIZE', EPERM)))
  })

  it('is no failure of any other call', () => {
    assert.ok(!isRefusal(new SystemCallError('ioctl KVM_CREATE_VM', EINVAL)))
    assert.ok(!isRefusal(new SystemCallError('ioctl KVM_GET_ONE_REG 0x603000000013c020', ENOENT)))
  })
})
