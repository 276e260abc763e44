import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../../../test/harness/eventually.ts'
import { closeFd } from '../../linux/process/close.ffi.ts'
import { isStartedByLauncher, startSupervisor } from './start-supervisor.ts'

const lines = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []

describe('the shell that keeps a launch supervised', () => {
  const path = process.env['PATH']
  let folder: string
  /** The fake supervisor's starts, one per line, and how long the shell slept between them, in seconds. */
  let starts: string
  let sleeps: string

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'start-supervisor-'))
    starts = join(folder, 'starts')
    sleeps = join(folder, 'sleeps')
    writeFileSync(join(folder, 'sleep'), `#!/bin/sh\necho $1 >> ${sleeps}\n`, { mode: 0o755 })
    // Time passes at once for the shell.
    process.env['PATH'] = `${folder}:${path ?? ''}`
  })
  after(() => {
    process.env['PATH'] = path
    rmSync(folder, { recursive: true })
  })
  beforeEach(() => {
    rmSync(starts, { force: true })
  })
  afterEach(() => {
    rmSync(sleeps, { force: true })
  })

  /** Has a supervisor kept that is this script, with the number of its start in `n`; it is started so often, and not once more. */
  const keep = async (script: string, times: number): Promise<void> => {
    const numbered = `echo start >> ${starts}; n=$(wc -l < ${starts}); ${script}`
    const supervisor = await startSupervisor(['sh', '-c', numbered], 'ignore')
    assert.ok(supervisor.kind === 'started')
    closeFd(supervisor.link.toSupervisor)
    closeFd(supervisor.link.fromSupervisor)
    await eventually(`${times} starts`, () =>
      Promise.resolve(lines(starts).length >= times ? true : undefined),
    )
    await delay(300)
    assert.equal(lines(starts).length, times, script)
  }

  it('starts another one whatever the first ended by, until one says that nothing is left', async () => {
    for (const end of ['exit 1', 'exit 127', 'kill -9 $$', 'kill -6 $$']) {
      rmSync(starts, { force: true })
      await keep(`echo known >&5; [ $n = 3 ] && exit 0; ${end}`, 3)
    }
    assert.deepEqual(lines(sleeps), [])
  })

  it('gives it fds by which it knows that a launcher started it', async () => {
    const module = new URL('start-supervisor.ts', import.meta.url).href
    const asks = `import('${module}').then((it) => process.exit(it.isStartedByLauncher() ? 0 : 1))`
    await keep(`echo known >&5; [ $n = 2 ] && exit 0; ${process.execPath} -e "${asks}" && exit 1; exit 0`, 2)
    assert.ok(!isStartedByLauncher())
  })

  it('never stops doing so, but waits ever longer where they end at once', async () => {
    await keep('echo known >&5; [ $n = 80 ] && exit 0; exit 1', 80)
    assert.deepEqual(lines(sleeps), ['1', '2', '4', '8', '16', ...Array<string>(72).fill('30')])
  })

  it('starts none where the first has taken no listener', async () => {
    await keep('exit 1', 1)
  })
})
