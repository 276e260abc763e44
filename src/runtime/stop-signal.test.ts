import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { stopSignal } from './stop-signal.ts'

/** A process that says when its signal is aborted, and lives on. */
const PROGRAM = `
  const { stopSignal } = await import(${JSON.stringify(new URL('stop-signal.ts', import.meta.url).href)})
  const { signal } = stopSignal()
  signal.addEventListener('abort', () => console.log(signal.reason))
  setInterval(() => undefined, 1000)
  console.log('ready')
`

describe('stopSignal', () => {
  for (const [name, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    it(
      `aborts at ${name}, and ends the process at the second one with ${code}`,
      { timeout: 600_000 },
      async (t) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        t.after(() => child.kill('SIGKILL'))
        const ended = once(child, 'exit')
        const said: string[] = []
        for await (const chunk of child.stdout) {
          said.push(String(chunk).trim())
          child.kill(name)
        }
        assert.deepEqual(said, ['ready', name])
        assert.deepEqual(await ended, [code, null])
      },
    )
  }

  it('can be stopped from within, with a reason', (t) => {
    const before = { SIGTERM: process.listeners('SIGTERM'), SIGINT: process.listeners('SIGINT') }
    t.after(() => {
      for (const name of ['SIGTERM', 'SIGINT'] as const) {
        for (const listener of process.listeners(name))
          if (!before[name].includes(listener)) process.off(name, listener)
      }
    })
    const { signal, stop } = stopSignal()
    assert.equal(signal.aborted, false)
    stop('leadership lost')
    assert.equal(signal.reason, 'leadership lost')
  })
})
