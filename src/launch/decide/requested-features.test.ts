import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LaunchRefusal } from '../../api/finding.ts'
import type { Plan } from '../../api/plan.ts'
import { KVM_VCPU_INIT } from '../../linux/abi/kvm.ts'
import { launchPolicy, type LaunchPolicy } from './launch-policy.ts'
import {
  askedFeatureRefusals,
  enabledFeatureRefusals,
  featureRegisters,
  isJudgedLater,
  requestedFeatures,
  requestsSve,
  unaskedFeatureRefusals,
} from './requested-features.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'

const policyOf = (vcpuFeatures: Plan['vcpuFeatures']): LaunchPolicy => {
  const result = launchPolicy(samplePlan({ vcpuFeatures }))
  assert.ok(result.kind === 'policy')
  return result.policy
}
const policy = policyOf({ sve: 'Disabled', pmu: 'Allowed', el2: 'Disabled', mte: 'Disabled' })

const told = (refusals: readonly LaunchRefusal[]) =>
  refusals.map(({ reason, feature }) => `${reason} ${feature ?? ''}`)
const reasons = (...bits: number[]) => told(askedFeatureRefusals(policy, bits, 'none'))

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

describe('what an INIT asks for', () => {
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
    assert.deepEqual(reasons(10, 63), [
      'UnknownVcpuFeature features[0] bit 10',
      'UnknownVcpuFeature features[1] bit 31',
    ])
  })

  it('allows a variant of a feature where it allows the feature, and never takes it for one that is required', () => {
    const PMU_V3 = 3
    const PMU_V3_STRICT = 9
    const askedUnder = (pmu: 'Disabled' | 'Allowed' | 'Required', ...bits: number[]) =>
      told(askedFeatureRefusals(policyOf({ pmu }), bits, 'none'))
    assert.deepEqual(askedUnder('Disabled', PMU_V3_STRICT), ['VcpuFeatureDisabled pmu'])
    assert.deepEqual(askedUnder('Allowed', PMU_V3, PMU_V3_STRICT), [])
    assert.deepEqual(askedUnder('Required', PMU_V3, PMU_V3_STRICT), [])
    assert.deepEqual(askedUnder('Required', PMU_V3), [])
    assert.deepEqual(askedUnder('Required', PMU_V3_STRICT), ['VcpuFeatureNotAsked pmu'])
  })

  it('names each required feature of which it lacks a bit, and no other', () => {
    const required = policyOf({ pointerAuthentication: 'Required', el1_32bit: 'Required', sve: 'Required' })
    assert.deepEqual(told(unaskedFeatureRefusals(required, [4, 5])), [
      'VcpuFeatureNotAsked pointerAuthentication',
      'VcpuFeatureNotAsked el1_32bit',
    ])
    assert.deepEqual(told(unaskedFeatureRefusals(required, [1, 4, 5, 6])), [])
  })
})

describe('what an INIT with SVE does not ask for', () => {
  const required = policyOf({ pmu: 'Required', pointerAuthentication: 'Required' })

  it('is judged when its SVE is finalised, because it cannot run before', () => {
    assert.deepEqual(told(askedFeatureRefusals(required, [2, 4], 'none')), [])
    assert.ok(isJudgedLater(required, [2, 4], 'none'))
    assert.deepEqual(told(unaskedFeatureRefusals(required, [2, 4])), [
      'VcpuFeatureNotAsked pointerAuthentication',
      'VcpuFeatureNotAsked pmu',
    ])
  })

  it('is judged at once without SVE, and is nothing where it asks for all', () => {
    assert.ok(!isJudgedLater(required, [2, 3], 'none'))
    assert.deepEqual(told(askedFeatureRefusals(required, [2, 3], 'none')), [
      'VcpuFeatureNotAsked pointerAuthentication',
    ])
    assert.ok(!isJudgedLater(required, [2, 3, 4, 5, 6], 'none'))
  })

  it('is judged at once of a vCPU that was reported, because its SVE may be final', () => {
    assert.ok(!isJudgedLater(required, [2, 4], 'unlevelled'))
    assert.equal(askedFeatureRefusals(required, [2, 4], 'unlevelled').length, 2)
  })

  it('is nothing that a feature disabled or unknown could hide behind', () => {
    const both = policyOf({ pmu: 'Required', el2: 'Disabled' })
    assert.deepEqual(told(askedFeatureRefusals(both, [4, 7], 'none')), ['VcpuFeatureDisabled el2'])
  })
})

describe('what a VM has enabled', () => {
  const NAME = 'ID_AA64PFR1_EL1'
  const MTE2 = 0x200n
  const shown = (value: bigint, vcpuFeatures: Plan['vcpuFeatures']) =>
    told(enabledFeatureRefusals(policyOf(vcpuFeatures), new Map([[NAME, value]])))

  it('is looked at where the plan has a word on it, and a VMM asks for it by no bit', () => {
    assert.deepEqual([...featureRegisters(policy).keys()], [NAME])
    assert.deepEqual([...featureRegisters(policyOf({ sve: 'Required', mte: 'Allowed' })).keys()], [])
  })

  it('is refused where it is disabled, though nobody asked', () => {
    assert.deepEqual(shown(MTE2, { mte: 'Disabled' }), ['VcpuFeatureDisabled mte'])
    assert.deepEqual(shown(0n, { mte: 'Disabled' }), [])
    // MTE_frac, which KVM shows a guest without MTE too.
    assert.deepEqual(shown(0xf000_0000_0000n, { mte: 'Disabled' }), [])
  })

  it('is missed where it is required', () => {
    assert.deepEqual(shown(0n, { mte: 'Required' }), ['VcpuFeatureNotAsked mte'])
    assert.deepEqual(shown(MTE2, { mte: 'Required' }), [])
  })
})
