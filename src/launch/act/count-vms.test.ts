import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SimulatedKvm } from '../../../test/doubles/simulated-kvm.ts'
import { numberOfState, type VcpuState } from '../decide/vcpu-state.ts'
import { countVms, type CountedVms } from './count-vms.ts'

/** The VMs of a process: of each, which of its vCPUs have run. */
const counted = (
  vms: readonly (readonly boolean[])[],
  state: VcpuState = 'levelled',
): CountedVms | undefined => {
  const kvm = new SimulatedKvm(false)
  for (const vcpus of vms) {
    kvm.createVm()
    const vm = kvm.vms.at(-1)
    assert.ok(vm)
    for (const ran of vcpus) {
      kvm.createVcpu(vm)
      const vcpu = kvm.reachable().at(-1)
      assert.ok(vcpu)
      vcpu.number = numberOfState(state)
      vcpu.canary = !ran
    }
  }
  return countVms(kvm.seenFrom(0).marked())
}

describe('the VMs of a process', () => {
  it('have run where one of their vCPUs has', () => {
    assert.deepEqual(counted([[false, true], [false], [true, true], [false, false]]), { ran: 2, idle: 2 })
    assert.deepEqual(counted([]), { ran: 0, idle: 0 })
  })

  it('are not counted where one shows something else than was planned, or not all were seen', () => {
    assert.equal(counted([[true]], 'unlevelled'), undefined)
    assert.equal(countVms(undefined), undefined)
  })
})
