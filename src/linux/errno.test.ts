import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { errnoName, errnoNumber, SystemCallError } from './errno.ts'

describe('an errno', () => {
  it('has its name, or says its number where it has none', () => {
    assert.equal(errnoName(22), 'EINVAL')
    assert.equal(errnoName(8), 'ENOEXEC')
    assert.equal(errnoName(131), 'ENOTRECOVERABLE')
    assert.equal(errnoName(524), 'errno 524')
  })

  it('is found by its name', () => {
    assert.equal(errnoNumber('EBUSY'), 16)
    assert.equal(errnoNumber('EUSERS'), 87)
    assert.equal(errnoNumber('ENONSENSE'), undefined)
  })
})

describe('a failed system call', () => {
  it('says which, and why by name', () => {
    const error = new SystemCallError('ioctl KVM_ARM_VCPU_INIT', 22)
    assert.equal(error.message, 'ioctl KVM_ARM_VCPU_INIT: EINVAL')
    assert.equal(error.code, 'EINVAL')
  })
})
