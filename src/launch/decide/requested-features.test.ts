import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KVM_VCPU_INIT } from '../../linux/abi/kvm.ts'
import { launchPolicy } from './launch-policy.ts'
import { forbiddenFeatures, requestedFeatures, requestsSve } from './requested-features.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'

const result = launchPolicy(
  samplePlan({ vcpuFeatures: { sve: 'Disabled', pmu: 'Allowed', el2: 'Disabled', mte: 'Disabled' } }),
)
assert.ok(result.kind === 'policy')
const { policy } = result

const reasons = (...bits: number[]) =>
  forbiddenFeatures(policy, bits).map(({ reason, field }) => `${reason} ${field ?? ''}`)

describe('requestedFeatures', () => {
  it('reads each bit of the seven words', () => {
    for (let bit = 0; bit < 224; bit++) {
      const init = Buffer.alloc(KVM_VCPU_INIT.size)
      init.writeUInt32LE(2 ** (bit & 31), KVM_VCPU_INIT.features + 4 * (bit >> 5))
      assert.deepEqual(requestedFeatures(init), [bit])
    }
  })

  it('takes no feature from the target', () => {
    const init = Buffer.alloc(KVM_VCPU_INIT.size)
    init.writeUInt32LE(5, KVM_VCPU_INIT.target)
    assert.deepEqual(requestedFeatures(init), [])
  })

  it('knows SVE', () => {
    assert.ok(requestsSve([2, 4]))
    assert.ok(!requestsSve([2, 3, 5, 6]))
  })
})

describe('forbiddenFeatures', () => {
  it('lets power-off, PSCI and allowed features pass', () => {
    assert.deepEqual(reasons(0, 2, 3), [])
  })

  it('names each disabled feature that is asked for', () => {
    assert.deepEqual(reasons(4, 7, 8), [
      'VcpuFeatureDisabled sve',
      'VcpuFeatureDisabled el2',
      'VcpuFeatureDisabled el2',
    ])
  })

  it('names a bit it does not know', () => {
    assert.deepEqual(reasons(9, 63), [
      'UnknownVcpuFeature features[0] bit 9',
      'UnknownVcpuFeature features[1] bit 31',
    ])
  })
})
