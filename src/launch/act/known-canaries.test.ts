import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SimulatedKvm } from '../../../test/doubles/simulated-kvm.ts'
import { CallVcpus } from './call-vcpus.ts'
import { KnownCanaries } from './known-canaries.ts'

/** A VM with so many vCPUs that are marked and watched. */
const marked = (vcpus: number): { kvm: SimulatedKvm; canaries: KnownCanaries; looks: () => number } => {
  const kvm = new SimulatedKvm(false)
  const canaries = new KnownCanaries(true, () => kvm.watch())
  kvm.createVm()
  let looks = 0
  const tables = {
    ...kvm.seenFrom(0),
    marked: () => {
      looks += 1
      return kvm.seenFrom(0).marked()
    },
  }
  for (let index = 0; index < vcpus; index += 1) {
    const [vm] = kvm.vms
    assert.ok(vm)
    kvm.createVcpu(vm)
    using call = new CallVcpus(tables, { canaries, isOutOfSight: false }, 3 + index)
    assert.ok(!call.look().mayHaveRun)
    call.mark('levelled')
    assert.ok(!call.mayHaveRun())
  }
  return { kvm, canaries, looks: () => looks }
}

describe('the canaries of the vCPUs that were marked', () => {
  it('tell that none has run, without a look at any file', () => {
    const { canaries, looks } = marked(4)
    assert.ok(canaries.areAllThere)
    assert.equal(looks(), 0)
  })

  it('tell nothing any more once one has run, even where it is closed', () => {
    const { kvm, canaries } = marked(4)
    const [vcpu] = kvm.reachable()
    assert.ok(vcpu)
    vcpu.isInitialised = true
    assert.ok(kvm.run(vcpu))
    kvm.tables[0]?.clear()
    for (let time = 0; time < 2; time += 1) assert.ok(!canaries.areAllThere)
  })

  it('tell nothing where a VMM has set a signal of its own on a vCPU: it got no canary when it was marked', () => {
    const { kvm, canaries } = marked(1)
    const [vcpu] = kvm.reachable()
    assert.ok(vcpu)
    kvm.createVcpu(vcpu.vm)
    const signed = kvm.reachable().at(-1)
    assert.ok(signed)
    // SIGIO.
    signed.number = 29
    using call = new CallVcpus(kvm.seenFrom(0), { canaries, isOutOfSight: false }, 4)
    call.mark('begun')
    assert.ok(call.mayHaveRun())
    assert.ok(!canaries.areAllThere)
  })

  it('tell nothing where one could not be watched, and nobody knows of those before', () => {
    assert.ok(!marked(5).canaries.areAllThere)
    assert.ok(!new KnownCanaries(false).areAllThere)
  })
})

describe('vCPUs that cannot be looked at', () => {
  it('may have run, and are out of sight: a mapping that fails ends no call', () => {
    const canaries = new KnownCanaries(false)
    const fails = (): never => {
      throw new Error('ENOMEM')
    }
    let isOwnSeen = true
    const tables = { vcpu: (): 'none' => (isOwnSeen ? 'none' : fails()), marked: fails }
    using call = new CallVcpus(tables, { canaries, isOutOfSight: false }, 3)
    assert.deepEqual(call.look(), { vcpu: { kind: 'none' }, mayHaveRun: true })
    isOwnSeen = false
    assert.deepEqual(call.look(), { vcpu: { kind: 'unresolvable' }, mayHaveRun: true })
  })
})
