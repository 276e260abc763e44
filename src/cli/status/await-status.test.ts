import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { awaitStatus } from './await-status.ts'
import type { ClusterStatus } from './cluster-status.ts'

const status = (...problems: string[]): ClusterStatus => ({
  ...{ components: [], profiles: [], pods: {}, nodes: { arm64: 0, reported: 0, probed: 0, serving: 0 } },
  problems: problems.map((what) => ({ about: 'x', what })),
})

const waited = async (looks: readonly ClusterStatus[], timeoutSeconds = 300) => {
  let nowMs = 0
  const said: string[] = []
  const left = [...looks]
  const found = await awaitStatus(() => Promise.resolve(left.shift() ?? looks.at(-1) ?? status()), {
    clock: {
      monotonic: () => nowMs,
      sleep: (ms) => {
        nowMs += ms
        return Promise.resolve()
      },
    },
    timeoutSeconds,
    say: (line) => said.push(line),
  })
  return { found, said, nowMs }
}

describe('waiting until there is no problem', () => {
  it('ends at once where there is none', async () => {
    assert.deepEqual(await waited([status()]), { found: status(), said: [], nowMs: 0 })
  })

  it('looks again until there is none, and says what it waits for', async () => {
    const { found, said } = await waited([status('one', 'two'), status('one'), status()])
    assert.deepEqual(found.problems, [])
    assert.deepEqual(said, ['waiting: x: one (and 1 more)'])
  })

  it('ends when the time is over, with what it saw last', async () => {
    const { found, said, nowMs } = await waited([status('one')], 40)
    assert.equal(found.problems.length, 1)
    assert.equal(nowMs, 40_000)
    assert.equal(said.length, 3)
  })
})
