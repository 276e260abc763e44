import assert from 'node:assert/strict'
import { ftruncateSync, readdirSync, writeSync } from 'node:fs'
import { describe, it } from 'node:test'
import { mapShared, unmap } from '../kvm/mapped-memory.ffi.ts'
import { closeFd } from './close.ffi.ts'
import { createMemfd } from './memfd.ffi.ts'
import { WatchedBytes } from './watched-bytes.ffi.ts'

/** The most that a page may have: each piece is in one of its own. */
const PAGE = 65536
/** More than a pipe has room for at first. */
const PIECES = 100

const openFds = (): number => readdirSync('/proc/self/fd').length

describe('watched bytes', () => {
  it('are read as they are now, when nobody has them mapped, and cost no file', () => {
    const file = createMemfd('watched')
    ftruncateSync(file, PIECES * PAGE)
    using first = WatchedBytes.open()
    assert.ok(first, 'this kernel lets bytes be watched')
    const before = openFds()
    {
      using watched = WatchedBytes.open()
      assert.ok(watched)
      for (let piece = 0; piece < PIECES; piece += 1) {
        const address = mapShared(file, PIECES * PAGE)
        assert.ok(typeof address === 'bigint')
        assert.ok(watched.add(address + BigInt(piece * PAGE + 12), 2), `piece ${piece}`)
        unmap(address, PIECES * PAGE)
      }
      assert.equal(openFds(), before + 2)
      assert.deepEqual(watched.read(), Buffer.alloc(2 * PIECES))
      writeSync(file, Buffer.from([7, 8]), 0, 2, 41 * PAGE + 12)
      const expected = Buffer.alloc(2 * PIECES)
      expected.set([7, 8], 2 * 41)
      for (let time = 0; time < 3; time += 1) assert.deepEqual(watched.read(), expected)
    }
    assert.equal(openFds(), before)
    closeFd(file)
  })

  it('are none of memory that is not there', () => {
    using watched = WatchedBytes.open()
    assert.ok(watched)
    assert.ok(!watched.add(0n, 2))
    assert.deepEqual(watched.read(), Buffer.alloc(0))
  })
})
