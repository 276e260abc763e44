import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeRegisterList, filterRegisterList, registerListAnswer } from './register-list.ts'

describe('the register list', () => {
  const ids = [0x603000000013c103n, 0x6030000000100000n, 0x603000000013c512n]

  it("keeps KVM's order and leaves out what is excluded", () => {
    const kept = filterRegisterList(encodeRegisterList(ids), new Set([ids[1] ?? 0n, 0x1n]))
    assert.deepEqual(kept, [ids[0], ids[2]])
  })

  it('reads no id beyond the number KVM gives', () => {
    const roomy = Buffer.concat([encodeRegisterList(ids), Buffer.alloc(64, 0xff)])
    assert.deepEqual(filterRegisterList(roomy, new Set()), ids)
  })

  it('is given whole to a caller with just enough room', () => {
    assert.deepEqual(registerListAnswer(ids, 3n), { memory: encodeRegisterList(ids), errno: undefined })
  })

  it('tells a caller with too little room the number alone, with E2BIG', () => {
    const { memory, errno } = registerListAnswer(ids, 2n)
    assert.equal(errno, 'E2BIG')
    assert.equal(memory.length, 8)
    assert.equal(memory.readBigUInt64LE(), 3n)
  })
})
