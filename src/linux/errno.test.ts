import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { describe, it } from 'node:test'
import { ERRNO } from './abi/errno.ts'
import { errnoName, negativeErrno, SystemCallError } from './errno.ts'

describe('an errno', () => {
  it('has its name, or says its number where it has none', () => {
    assert.equal(errnoName(22), 'EINVAL')
    assert.equal(errnoName(8), 'ENOEXEC')
    assert.equal(errnoName(131), 'ENOTRECOVERABLE')
    assert.equal(errnoName(524), 'errno 524')
  })

  it('has the number that Node takes from the kernel headers', { skip: process.platform !== 'linux' }, () => {
    const known = Object.entries(constants.errno).filter(([name]) => Object.hasOwn(ERRNO, name))
    assert.ok(known.length > 70)
    assert.deepEqual(
      known.filter(
        ([name, number]) => errnoName(number) !== name && !['EWOULDBLOCK', 'ENOTSUP'].includes(name),
      ),
      [],
    )
  })

  it('is what a failed call returns, negative', () => {
    assert.equal(negativeErrno('EBUSY'), -16n)
    assert.equal(negativeErrno('EUSERS'), -87n)
  })
})

describe('a failed system call', () => {
  it('says which, and why by name', () => {
    const error = new SystemCallError('ioctl KVM_ARM_VCPU_INIT', 22)
    assert.equal(error.message, 'ioctl KVM_ARM_VCPU_INIT: EINVAL')
    assert.equal(error.code, 'EINVAL')
  })

  it('says what it was about, apart from which call it was', () => {
    const error = new SystemCallError('ioctl KVM_ENABLE_CAP', 22, { operand: 'KVM_CAP_ARM_MTE' })
    assert.equal(error.message, 'ioctl KVM_ENABLE_CAP KVM_CAP_ARM_MTE: EINVAL')
    assert.equal(error.syscall, 'ioctl KVM_ENABLE_CAP')
  })
})
