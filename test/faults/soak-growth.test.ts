import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { soakGrowth } from './soak-growth.ts'
import type { Held } from './soak-growth.ts'

const looks = (of: (round: number) => Partial<Held>): Held[] =>
  Array.from({ length: 10 }, (_, round) => ({
    kilobytes: 90_000,
    fds: 27,
    zombies: 0,
    ...of(round),
  }))

describe('a supervisor over many launches', () => {
  it('has not grown where its memory goes up and down', () => {
    assert.deepEqual(soakGrowth(looks((round) => ({ kilobytes: 90_000 + (round % 2) * 5000 }))), [])
  })

  it('has not grown where it grew in its first third only', () => {
    assert.deepEqual(soakGrowth(looks((round) => ({ kilobytes: 100_000 - (round < 3 ? 15_000 : 0) }))), [])
  })

  it('is not known to have grown or not after two looks', () => {
    assert.equal(soakGrowth(looks(() => ({})).slice(0, 2)).length, 1)
  })

  it('has grown where a launch leaves a file, a zombie or ten kilobytes', () => {
    assert.equal(soakGrowth(looks((round) => ({ fds: 27 + 100 * round }))).length, 1)
    assert.equal(soakGrowth(looks((round) => ({ zombies: round === 9 ? 1 : 0 }))).length, 1)
    assert.equal(soakGrowth(looks((round) => ({ kilobytes: 90_000 + 1000 * round }))).length, 1)
  })
})
