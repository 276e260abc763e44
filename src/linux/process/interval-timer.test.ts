import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'

/** Waits in pause(2), which only a signal ends, until long after the first alarm has come. */
const script = (folder: string): string => `
  import { interruptEvery } from '${folder}/interval-timer.ffi.ts'
  import { bindSystemCall } from '${folder}/../libc.ffi.ts'
  const pause = bindSystemCall('int pause()')
  interruptEvery(20)
  const begins = performance.now()
  while (performance.now() - begins < 100);
  console.log(pause())
  interruptEvery(0)`

describe('a timer that interrupts blocked calls', () => {
  it('interrupts one that the thread enters after the first alarm', () => {
    // In a process of its own: nothing else could end what blocks its only thread.
    const { stdout, signal, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script(import.meta.dirname)],
      // A guard against hanging: without the timer the call never ends.
      { encoding: 'utf8', timeout: 600_000 },
    )
    assert.equal(signal, null, stderr)
    assert.equal(stdout.trim(), '-4')
  })
})
