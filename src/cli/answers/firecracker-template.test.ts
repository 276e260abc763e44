import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resolvedPlan } from '../../../test/fixtures/resolved-plan.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import type { Plan } from '../../api/plan.ts'
import { toFirecrackerTemplate } from './firecracker-template.ts'

const asked = (vcpuFeatures: Plan['vcpuFeatures']) => {
  const { template } = toFirecrackerTemplate(resolvedPlan(samplePlan({ vcpuFeatures })))
  return {
    capabilities: template.kvm_capabilities,
    bits: template.vcpu_features.map(({ bitmap }) => bitmap),
  }
}

describe('the vCPU features of a Firecracker template', () => {
  // KVM_ARM_VCPU_HAS_EL2_E2H0 is another EL2, without FEAT_VHE, which KVM refuses on most hosts (kvm_vcpu_init_nested, 6.16).
  it('ask for EL2 by the bit that is EL2, and need its capability alone', () => {
    assert.deepEqual(asked({ el2: 'Required' }), { capabilities: ['240'], bits: ['0bxx1xxxxxxx'] })
  })

  it('disable EL2 in either form', () => {
    assert.deepEqual(asked({ el2: 'Disabled' }), { capabilities: [], bits: ['0bx00xxxxxxx'] })
  })

  it('ask for both kinds of pointer authentication, which KVM gives together only', () => {
    assert.deepEqual(asked({ pointerAuthentication: 'Required' }), {
      capabilities: ['171', '172'],
      bits: ['0bxxx11xxxxx'],
    })
  })
})
