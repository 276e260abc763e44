import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { describe, it } from 'node:test'
import { CONTROLLER_FAULTS, type ControllerFault, type FaultStep } from './controller-fault.ts'
import { WatchGate } from './watch-gate.ts'

const faults = Object.entries<ControllerFault>(CONTROLLER_FAULTS)

const positions = (steps: readonly FaultStep[], step: FaultStep): number[] =>
  steps.flatMap((one, index) => (one === step ? [index] : []))

describe('a fault at a request', () => {
  it('ends the request once: with the answer, with another one, or with a closed connection', () => {
    for (const [name, { steps }] of faults) {
      const ends = steps.filter(
        (step) => step === 'deliver' || step === 'cut' || (typeof step === 'object' && 'answer' in step),
      )
      assert.equal(ends.length, 1, name)
    }
  })

  it('delivers only what was forwarded, and answers itself only what was not', () => {
    for (const [name, { steps }] of faults) {
      const [forward = Infinity] = positions(steps, 'forward')
      for (const deliver of positions(steps, 'deliver')) assert.ok(forward < deliver, name)
      const answers = steps.some((step) => typeof step === 'object' && 'answer' in step)
      assert.ok(!answers || forward === Infinity, name)
    }
  })

  it('ends what it begins', () => {
    for (const [name, { steps }] of faults)
      for (const [begin, end] of [
        ['freeze', 'thaw'] as const,
        ['hold-watches', 'release-watches'] as const,
      ]) {
        const [begins, ends] = [positions(steps, begin), positions(steps, end)]
        assert.equal(begins.length, ends.length, name)
        for (const [index, at] of begins.entries()) assert.ok(at < (ends[index] ?? -1), name)
      }
  })
})

describe('the gate of watches', () => {
  it('holds an event back while it is closed, and only then', async () => {
    const gate = new WatchGate()
    const passed: string[] = []
    const send = (event: string) => gate.passed().then(() => passed.push(event))
    await send('before')
    gate.close()
    const held = send('held')
    await setImmediate()
    assert.deepEqual(passed, ['before'])
    gate.open()
    await held
    await send('after')
    assert.deepEqual(passed, ['before', 'held', 'after'])
  })
})
