import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, writeSync } from 'node:fs'
import { describe, it } from 'node:test'
import { createPipe } from './pipe.ffi.ts'
import { pollAll, untilReadable } from './poll.ffi.ts'

const pipe = () => {
  const ends = createPipe()
  return typeof ends === 'number' ? assert.fail(`pipe2: ${ends}`) : ends
}

/** Polls one quiet, one readable and one closed pipe, with as many more as poll(2) refuses under a limit of 64 files. */
const script = (folder: string): string => `
  import { closeSync, writeSync } from 'node:fs'
  import { createPipe } from '${folder}/pipe.ffi.ts'
  import { pollAll } from '${folder}/poll.ffi.ts'
  const [quiet, readable, closed] = [createPipe(), createPipe(), createPipe()]
  writeSync(readable.writeEnd, 'x')
  closeSync(closed.writeEnd)
  const begins = performance.now()
  const quietOnes = pollAll(Array(100).fill(quiet.readEnd), 1000)
  const all = [...Array(100).fill(quiet.readEnd), readable.readEnd, closed.readEnd]
  console.log(JSON.stringify({
    quiet: [...new Set(quietOnes)], waited: performance.now() - begins > 10, all: pollAll(all, -1).slice(99),
  }))`

describe('poll(2) of many files', () => {
  it('says of each whether it is readable or closed', () => {
    const [quiet, readable, closed] = [pipe(), pipe(), pipe()]
    writeSync(readable.writeEnd, 'x')
    closeSync(closed.writeEnd)
    const fds = [quiet.readEnd, readable.readEnd, closed.readEnd]
    assert.deepEqual(pollAll(fds, -1), ['timeout', 'readable', 'closed'])
    for (const fd of [...fds, quiet.writeEnd, readable.writeEnd]) closeSync(fd)
  })

  it('waits in another thread, so that this one goes on, until one is readable or the time is over', async () => {
    const { readEnd, writeEnd } = pipe()
    let wasFree = false
    setTimeout(() => {
      wasFree = true
      writeSync(writeEnd, 'x')
    }, 20)
    await untilReadable([readEnd], -1)
    assert.ok(wasFree)
    const quiet = pipe()
    await untilReadable([quiet.readEnd], 1)
    for (const fd of [readEnd, writeEnd, quiet.readEnd, quiet.writeEnd]) closeSync(fd)
  })

  it('that the kernel refuses closes nothing, and does not keep the CPU busy', () => {
    const command = 'ulimit -n 64; exec "$@"'
    const node = [process.execPath, '--input-type=module', '--eval', script(import.meta.dirname)]
    const { stdout, stderr } = spawnSync('sh', ['-c', command, 'sh', ...node], { encoding: 'utf8' })
    assert.deepEqual(
      JSON.parse(stdout || 'null'),
      { quiet: ['timeout'], waited: true, all: ['timeout', 'readable', 'closed'] },
      stderr,
    )
  })
})
