import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { createPipe } from './pipe.ffi.ts'
import { writeNow } from './write-now.ffi.ts'

const LINE = Buffer.from('a line\n')

describe('a write that waits for no reader', () => {
  it('is whole where there is room, and EAGAIN where a pipe is full, whose flags stay', () => {
    const pipe = createPipe()
    assert.ok(typeof pipe !== 'number')
    const flags = () => readFileSync(`/proc/self/fdinfo/${pipe.writeEnd}`, 'utf8')
    const before = flags()
    assert.equal(writeNow(pipe.writeEnd, LINE), LINE.length)
    const page = Buffer.alloc(4096)
    let pages = 0
    while (writeNow(pipe.writeEnd, page) === page.length) pages += 1
    assert.ok(pages > 0)
    assert.equal(writeNow(pipe.writeEnd, page), -constants.errno.EAGAIN)
    assert.equal(flags(), before)
    const read = Buffer.alloc(LINE.length)
    readSync(pipe.readEnd, read)
    assert.deepEqual(read, LINE)
    closeSync(pipe.readEnd)
    assert.equal(writeNow(pipe.writeEnd, LINE), -constants.errno.EPIPE)
    closeSync(pipe.writeEnd)
  })

  it('goes to the end of a file, as others do', () => {
    const folder = mkdtempSync(join(tmpdir(), 'write-now-'))
    const path = join(folder, 'log')
    const fd = openSync(path, 'a')
    assert.equal(writeNow(fd, LINE), LINE.length)
    assert.equal(writeNow(fd, LINE), LINE.length)
    closeSync(fd)
    assert.equal(readFileSync(path, 'utf8'), 'a line\na line\n')
    rmSync(folder, { recursive: true })
  })
})
