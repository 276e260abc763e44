import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileSignal, setFileSignal } from './file-owner.ffi.ts'

describe('the signal of an open file', () => {
  it('is that of every fd of the file, and of no other file', () => {
    const [file, other] = [openSync('/dev/null', 'r'), openSync('/dev/null', 'r')]
    const same = openSync(`/proc/self/fd/${file}`, 'r')
    try {
      assert.equal(fileSignal(file), 0)
      assert.equal(setFileSignal(file, 52), 0)
      assert.equal(fileSignal(file), 52)
      // Opened anew by its path: another open file.
      assert.deepEqual([fileSignal(same), fileSignal(other)], [0, 0])
    } finally {
      for (const fd of [file, other, same]) closeSync(fd)
    }
  })
})
