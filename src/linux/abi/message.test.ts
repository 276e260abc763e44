import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeRights, encodeRights, MOST_FDS, rightsBytes } from './message.ts'

describe('the control data of a message', () => {
  it('has the fds in order, however many there are', () => {
    for (const count of [0, 1, 2, 3, MOST_FDS]) {
      const fds = Array.from({ length: count }, (_, index) => 3 + index)
      assert.deepEqual(decodeRights(encodeRights(fds)), fds)
    }
  })

  it('is laid out as the kernel has it', () => {
    assert.equal(rightsBytes(1), 24)
    assert.equal(
      encodeRights([5]).toString('hex'),
      `${'14'.padEnd(16, '0')}0100000001000000${'05'.padEnd(16, '0')}`,
    )
  })

  it('may be other data, or cut off: no fd is made up', () => {
    const credentials = encodeRights([7, 8, 9])
    credentials.writeInt32LE(2, 12)
    assert.deepEqual(decodeRights(Buffer.concat([credentials, encodeRights([4])])), [4])
    const whole = encodeRights([5, 6])
    for (let length = 0; length < whole.length; length += 1)
      assert.deepEqual(decodeRights(whole.subarray(0, length)), [])
    const endless = encodeRights([5])
    endless.writeBigUInt64LE(0n)
    assert.deepEqual(decodeRights(endless), [])
  })
})
