import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from './eventually.ts'
import { runCommand, startProcess } from './process.ts'

describe('programs of the lab', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lab-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('end with the process that started them, even when that is killed', async () => {
    const script = `
      import { startProcess } from '${join(import.meta.dirname, 'process.ts')}'
      console.log(startProcess(['sleep', '1000'], '${join(folder, 'log')}').pid)
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script])
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = line.toString().trim()
    // setpriv first asks the kernel for the death signal, then becomes the program: kill the parent only after that.
    await eventually('sleep runs', async () =>
      (await readFile(`/proc/${pid}/comm`, 'utf8')) === 'sleep\n' ? true : undefined,
    )
    parent.kill('SIGKILL')
    await eventually('sleep is gone', () => Promise.resolve(isGone(pid) ? true : undefined))
  })

  it('are killed when they do not heed the request to stop', async () => {
    const log = join(folder, 'stubborn')
    const child = startProcess(
      ['bash', '-c', 'trap "" TERM; echo ready; while :; do read -t 1 <> <(:); done'],
      log,
    )
    await eventually('it is ready', async () =>
      /ready/.test(await readFile(log, 'utf8')) ? true : undefined,
    )
    await child.stop(100)
    assert.equal(child.running(), false)
    assert.ok(isGone(String(child.pid)))
  })

  it('that fail are reported with their exit code and the end of their output', async () => {
    await assert.rejects(runCommand(['sh', '-c', 'echo why >&2; exit 3']), /exit code 3\nwhy/)
  })
})

/** A zombie of an adopted process counts as gone. */
const isGone = (pid: string): boolean => !existsSync(`/proc/${pid}/exe`)
