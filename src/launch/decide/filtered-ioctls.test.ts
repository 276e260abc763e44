import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Plan } from '../../api/plan.ts'
import {
  KVM_ARM_VCPU_FINALIZE,
  KVM_ARM_VCPU_INIT,
  KVM_CREATE_VM,
  KVM_GET_REG_LIST,
} from '../../linux/abi/kvm.ts'
import type { FilteredIoctls } from '../../linux/seccomp/filter-program.ts'
import { filteredIoctls } from './filtered-ioctls.ts'
import { launchPolicy } from './launch-policy.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'

const filtered = (changes: Partial<Plan>, hostIpaBits = 48): FilteredIoctls => {
  const result = launchPolicy(samplePlan(changes))
  assert.ok(result.kind === 'policy')
  return filteredIoctls(result.policy, hostIpaBits)
}

const ALWAYS = [KVM_CREATE_VM, KVM_ARM_VCPU_INIT]
const EXCLUDE = ['0x603000000013c103']
const PARANGE_40 = { registers: [{ register: 'ID_AA64MMFR0_EL1', mask: '0xf', value: '0x2' }] }

describe('filteredIoctls', () => {
  it('notifies the making of VMs and vCPUs alone where a plan asks for nothing', () => {
    assert.deepEqual(filtered({}), { hidden: [], requests: ALWAYS, capabilities: [] })
  })

  it('hides the capabilities of disabled features, and notifies none of them', () => {
    const { hidden, capabilities } = filtered({
      vcpuFeatures: { sve: 'Disabled', pointerAuthentication: 'Disabled', pmu: 'Allowed', mte: 'Required' },
    })
    assert.deepEqual(hidden, [170, 171, 172])
    assert.deepEqual(capabilities, [])
  })

  it('notifies the register list where something is left out of it, and with SVE when it can be had', () => {
    assert.deepEqual(filtered({ registerList: { exclude: EXCLUDE } }).requests, [
      ...ALWAYS,
      KVM_GET_REG_LIST,
      KVM_ARM_VCPU_FINALIZE,
    ])
  })

  it('notifies the finalising of SVE if the plan has its vector lengths, which last from then on', () => {
    assert.deepEqual(filtered({ sveVectorLengths: [128] }).requests, [...ALWAYS, KVM_ARM_VCPU_FINALIZE])
  })

  it('notifies the finalising of SVE if the plan requires another feature, which is judged then', () => {
    assert.deepEqual(filtered({ vcpuFeatures: { pmu: 'Required' } }).requests, [
      ...ALWAYS,
      KVM_ARM_VCPU_FINALIZE,
    ])
    assert.deepEqual(filtered({ vcpuFeatures: { sve: 'Required' } }).requests, ALWAYS)
  })

  it('notifies the finalising of SVE if the plan disables it', () => {
    assert.deepEqual(filtered({ vcpuFeatures: { sve: 'Disabled' } }).requests, [
      ...ALWAYS,
      KVM_ARM_VCPU_FINALIZE,
    ])
  })

  const hosts: readonly (readonly [string, number, number[]])[] = [
    ['has more', 48, [165]],
    ['could not be asked', 0, [165]],
    ['has no more', 40, []],
    ['has less', 36, []],
  ]
  for (const [host, bits, notified] of hosts)
    it(`${notified.length === 0 ? 'lets pass' : 'notifies'} the IPA size where the host ${host} than the plan`, () => {
      assert.deepEqual(filtered(PARANGE_40, bits).capabilities, notified)
      assert.deepEqual(filtered({}, bits).capabilities, [])
    })
})
