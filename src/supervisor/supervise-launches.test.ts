import assert from 'node:assert/strict'
import { getPriority, setPriority } from 'node:os'
import { after, describe, it } from 'node:test'
import { superviseLaunches } from './supervise-launches.ts'

/** More turns than a timer of 1 ms is ever late. */
const MOST_TURNS = 1_000_000

describe('serving launches', () => {
  const priority = getPriority()
  after(() => {
    setPriority(priority)
  })

  it('sees its own timers and signals while a VMM makes calls without end', async () => {
    let turns = 0
    const flooded = {
      sessions: new Set<never>(),
      verify: () => undefined,
      turn: () => {
        turns++
        assert.ok(turns < MOST_TURNS, 'the timer never came')
        return true
      },
    }
    let isOver = false
    setTimeout(() => {
      isOver = true
    }, 1)
    await superviseLaunches(flooded, { pending: new Set(), isOver: () => isOver })
    assert.ok(turns > 0)
  })
})
