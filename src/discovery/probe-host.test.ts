import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SystemCallError } from '../linux/errno.ts'
import { listDifference } from './list-difference.ts'
import { noKvm, otherArchitecture } from './no-kvm.ts'
import { inStep, ProbeStepError } from './probe-step-error.ts'
import { scratchIpaBits } from './scratch-vm.ts'

describe('a host without KVM', () => {
  it('is told what to do by what open answered', () => {
    assert.match(noKvm('/dev/kvm', 'ENOENT').remedy, /nested virtualization/)
    assert.match(noKvm('/dev/kvm', 'EACCES').remedy, /group/)
    assert.match(noKvm('/dev/kvm', 'EPERM').remedy, /device plugin/)
    assert.equal(noKvm('/dev/kvm', 'ENXIO').remedy, noKvm('/dev/kvm', 'ENODEV').remedy)
  })

  it('is told the errno itself where it is none of the usual ones', () => {
    assert.equal(noKvm('/dev/kvm', 'EMFILE').message, '/dev/kvm: EMFILE: KVM could not be opened')
  })

  it('is told when it is no arm64 machine at all', () => {
    assert.equal(otherArchitecture('x64').message, 'this machine is x64, not arm64')
  })
})

describe('a failed step of the probe', () => {
  const refuse = () => {
    throw new SystemCallError('ioctl KVM_CREATE_VM', 12)
  }

  it('carries the innermost step and the system call', () => {
    const outer = () => inStep('outer', () => inStep('inner', refuse))
    assert.throws(outer, (error) => {
      assert.ok(error instanceof ProbeStepError)
      assert.equal(error.step, 'inner')
      assert.equal(error.systemCall.code, 'ENOMEM')
      assert.equal(error.message, 'inner: ioctl KVM_CREATE_VM: ENOMEM')
      return true
    })
  })

  it('does not swallow a defect of ours', () => {
    const defect = () =>
      inStep('step', () => {
        throw new TypeError('x is undefined')
      })
    assert.throws(defect, TypeError)
  })
})

describe('a register list', () => {
  it('is told as its difference from the shipped one', () => {
    assert.deepEqual(listDifference([1n, 2n, 3n], [3n, 4n, 1n]), { added: [4n], removed: [2n] })
    assert.deepEqual(listDifference([1n], [1n]), { added: [], removed: [] })
  })
})

describe('a scratch VM', () => {
  it("has KVM's default IPA size unless the host has less", () => {
    assert.equal(scratchIpaBits(48), 0)
    assert.equal(scratchIpaBits(40), 0)
    assert.equal(scratchIpaBits(36), 36)
  })
})
