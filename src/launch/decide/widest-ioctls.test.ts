import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VCPU_FEATURES } from '../../api/vcpu-feature.ts'
import { KVM_CAPABILITIES } from '../../linux/abi/kvm-numbers.generated.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { filteredIoctls } from './filtered-ioctls.ts'
import { launchPolicy } from './launch-policy.ts'
import { WIDEST_IOCTLS } from './widest-ioctls.ts'

/** A plan under which a launch needs all that it can need: everything is disabled, levelled or left out. */
const GREEDIEST = samplePlan({
  registers: [{ register: 'ID_AA64MMFR0_EL1', mask: '0xf', value: '0x0' }],
  vcpuFeatures: Object.fromEntries(VCPU_FEATURES.map((feature) => [feature, 'Disabled'])),
  registerList: { exclude: ['0x603000000013c103'] },
})

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((one, other) => one - other)

describe('the widest filter', () => {
  it('notifies exactly what a plan that disables, levels and leaves out everything needs', () => {
    const read = launchPolicy(GREEDIEST)
    assert.ok(read.kind === 'policy')
    const { hidden, requests, capabilities } = filteredIoctls(read.policy, 48)
    assert.deepEqual(sorted(WIDEST_IOCTLS.requests), sorted(requests))
    assert.deepEqual(WIDEST_IOCTLS.capabilities, sorted([...hidden, ...capabilities]))
  })

  it('notifies no capability that a plan can neither hide nor lower', () => {
    for (const name of ['KVM_CAP_ARM_PSCI_0_2', 'KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'] as const)
      assert.ok(!WIDEST_IOCTLS.capabilities.includes(KVM_CAPABILITIES[name]), name)
  })
})
