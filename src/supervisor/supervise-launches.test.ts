import assert from 'node:assert/strict'
import { getPriority, setPriority } from 'node:os'
import { after, describe, it } from 'node:test'
import { superviseLaunches } from './supervise-launches.ts'

/** More turns than a timer of 1 ms is ever late. */
const MOST_TURNS = 1_000_000

const WITHOUT_SESSIONS = { sessions: new Set<never>(), fds: [], verify: () => undefined }

describe('serving launches', () => {
  const priority = getPriority()
  after(() => {
    setPriority(priority)
  })

  it('sees its own timers and signals while a VMM makes calls without end', async () => {
    let turns = 0
    const flooded = {
      ...WITHOUT_SESSIONS,
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

  it('goes on with sockets of its own after each turn that takes long', async () => {
    let turns = 0
    const slow = {
      ...WITHOUT_SESSIONS,
      turn: () => {
        turns++
        const until = performance.now() + 5
        while (performance.now() < until);
        return true
      },
    }
    let rounds = 0
    const goOn = (): void => {
      rounds++
      setImmediate(goOn).unref()
    }
    goOn()
    await superviseLaunches(slow, { pending: new Set(), isOver: () => turns === 20 })
    assert.ok(rounds >= 19, `${rounds} rounds of the event loop in ${turns} turns`)
  })

  it('never blocks this thread where another one waits', async () => {
    const timeouts: number[] = []
    const idle = {
      ...WITHOUT_SESSIONS,
      fds: [7],
      turn: (timeout: number) => {
        timeouts.push(timeout)
        return false
      },
    }
    const waited: (readonly number[])[] = []
    const wait = (fds: readonly number[]): Promise<void> => {
      waited.push(fds)
      return Promise.resolve()
    }
    await superviseLaunches(idle, { pending: new Set(), isOver: () => waited.length === 3, wait })
    assert.deepEqual(waited, [[7], [7], [7]])
    assert.deepEqual(timeouts, [0, 0, 0])
  })
})
