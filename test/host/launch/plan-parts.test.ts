import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Plan } from '../../../src/api/plan.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { launchGuest, type GuestLaunch } from './guest-launch.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'

/** SVE with one vector length of the two that a Neoverse V1 has, 40 of its 48 bits of physical addresses, and a levelled register list. */
const PLAN: Plan = {
  ...LEVELLED_PLAN,
  registers: [{ register: 'ID_AA64MMFR0_EL1', mask: '0xf', value: '0x2' }],
  vcpuFeatures: { sve: 'Required', pointerAuthentication: 'Disabled' },
  sveVectorLengths: [128],
}

describe('a guest of a plan with SVE vector lengths and fewer address bits, under stock QEMU', () => {
  let launch: GuestLaunch
  before(async () => {
    const host = await connectHost('neoverse-v1')
    launch = await launchGuest(host, await putRevision(host, 'parts', PLAN))
  })
  const answersOf = (call: string): string[] =>
    launch.record.calls.filter((one) => one.call === call).map(({ answer }) => answer)

  it('runs to its end as planned', () => {
    assert.equal(launch.exitCode, 0, launch.stderr)
    assert.equal(launch.record.outcome, 'verified', JSON.stringify(launch.record))
    assert.deepEqual(launch.record.refused, [])
  })

  it('has SVE with the planned vector length', () => {
    assert.ok(launch.features.includes('sve'))
    assert.ok(!launch.features.includes('paca'))
    assert.equal(launch.sveBits, 128)
  })

  it('has an address space laid out by the planned PARANGE', () => {
    assert.deepEqual(answersOf('KVM_CHECK_EXTENSION(KVM_CAP_ARM_VM_IPA_SIZE)'), ['returns 40'])
    const register = launch.record.registers.find((one) => one.register === 'ID_AA64MMFR0_EL1')
    assert.equal(BigInt(register?.kept ?? 0) & 0xfn, 2n)
  })

  it('has its register list taken at KVM_ARM_VCPU_FINALIZE, and given without stopping the VMM', () => {
    assert.deepEqual(answersOf('KVM_ARM_VCPU_FINALIZE'), ['injected', 'goes on'])
    assert.ok(answersOf('KVM_GET_REG_LIST').includes('returns the kept register list'))
    assert.ok(!answersOf('KVM_GET_REG_LIST').includes('injected'))
  })
})
