import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openSupervisorSocket } from '../../../src/supervisor/supervisor-socket.ts'
import { LAB_PATHS } from '../../harness/lab-paths.ts'
import { builtBundle } from '../../harness/product-bundle.ts'
import { runVerb } from './run-verb.ts'

describe('a file that a launch is told to write', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'launch-files-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('is no device: run --record fails, and nothing is launched', () => {
    const { status, stderr, stdout } = runVerb(['run', '--record', '/dev/null', '--', 'echo', 'launched'])
    assert.equal(status, 125)
    assert.equal(stdout, '')
    assert.match(stderr, /^cpufeatures run: --record \/dev\/null: not a regular file; /)
    assert.ok(lstatSync('/dev/null').isCharacterDevice())
  })

  it('is no device: supervise --metrics fails', () => {
    const socket = join(folder, 'socket')
    const { status, stderr } = runVerb(['supervise', '--socket', socket, '--metrics', '/dev/null'])
    assert.equal(status, 2)
    assert.match(stderr, /--metrics \/dev\/null: not a regular file/)
    assert.ok(lstatSync('/dev/null').isCharacterDevice())
  })

  it('is not lost where supervise --socket names it', () => {
    const notes = join(folder, 'notes')
    writeFileSync(notes, 'mine')
    const opened = openSupervisorSocket(notes)
    assert.ok(opened.kind === 'failed')
    assert.equal(opened.exitCode, 2)
    assert.match(
      opened.message,
      /this file exists and is not a socket, so it was left unchanged; give another path/,
    )
    assert.equal(readFileSync(notes, 'utf8'), 'mine')
  })

  it('is not made where nothing can be launched, or no socket is named', () => {
    const nowhere = join(folder, 'nowhere')
    if (process.arch !== 'arm64') {
      const { status, stderr } = runVerb(['supervise', '--socket', join(nowhere, 'socket')])
      assert.equal(status, 2)
      assert.match(stderr, /^cpufeatures supervise: needs an arm64 Linux host/)
      assert.ok(!existsSync(nowhere))
    }
    const { status, stderr } = runVerb(['supervise'])
    assert.equal(status, 2)
    assert.match(stderr, /^cpufeatures supervise: give --socket PATH/)
  })

  it('is told of to who reads slowly: the exit code stays', () => {
    const pipe = join(folder, 'pipe')
    // Sixteen pages fill a pipe; the reader takes four of them after a while.
    const script = `mkfifo ${pipe}; exec 8<>${pipe}; dd if=/dev/zero of=/proc/self/fd/8 bs=4096 count=16 2>/dev/null
      (sleep 3; dd if=${pipe} of=/dev/null bs=4096 count=4 2>/dev/null) &
      ${process.execPath} ${builtBundle()} run --record /dev/null -- true 2>&8; echo $?`
    const { stdout } = spawnSync('sh', ['-c', script], { cwd: LAB_PATHS.root, encoding: 'utf8' })
    assert.equal(stdout, '125\n')
  })
})
