import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as kvm from './kvm.ts'

describe("KVM's ioctl requests", () => {
  it('are what a C compiler makes of the UAPI header', () => {
    const requests = {
      KVM_CREATE_VM: 0xae01,
      KVM_CHECK_EXTENSION: 0xae03,
      KVM_CREATE_VCPU: 0xae41,
      KVM_SET_USER_MEMORY_REGION: 0x4020ae46,
      KVM_RUN: 0xae80,
      KVM_ENABLE_CAP: 0x4068aea3,
      KVM_GET_ONE_REG: 0x4010aeab,
      KVM_SET_ONE_REG: 0x4010aeac,
      KVM_ARM_VCPU_INIT: 0x4020aeae,
      KVM_ARM_PREFERRED_TARGET: 0x8020aeaf,
      KVM_GET_REG_LIST: 0xc008aeb0,
      KVM_ARM_GET_REG_WRITABLE_MASKS: 0x8040aeb6,
      KVM_ARM_VCPU_FINALIZE: 0x4004aec2,
      KVM_SET_DEVICE_ATTR: 0x4018aee1,
    } as const
    for (const [name, request] of Object.entries(requests))
      assert.equal(kvm[name as keyof typeof requests], request, name)
  })
})
