import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Verifier } from './verifier.ts'

/** A session that is verified at its `succeedsAt`th look. */
const session = (succeedsAt = Infinity) => {
  let looks = 0
  const state = {
    isToVerify: true,
    isServing: false,
    looks: () => looks,
    verify: () => {
      looks += 1
      if (looks === succeedsAt) state.isToVerify = false
    },
  }
  return state
}

type Session = ReturnType<typeof session>

const verifierAt = (now: () => number): Verifier<Session> =>
  new Verifier((one) => {
    one.verify()
  }, now)

/** Looks for so many seconds, each time when the verifier says: how often it came to look at all. */
const lookFor = (seconds: number, sessions: readonly Session[]): number => {
  let now = 0
  let turns = 0
  const verifier = verifierAt(() => now)
  for (; now < seconds * 1000; turns += 1) {
    const wait = verifier.look(sessions)
    if (wait < 0) break
    now += Math.max(wait, 1)
  }
  return turns
}

describe('looking at a VM until it is verified', () => {
  it('is soon at first', () => {
    const soon = session()
    lookFor(1.05, [soon])
    assert.equal(soon.looks(), 10)
  })

  it('is ever more seldom where it cannot succeed: some thousand times in a day, not a million', () => {
    const never = session()
    lookFor(86_400, [never])
    assert.ok(never.looks() > 2000 && never.looks() < 3000, `${never.looks()}`)
  })

  it('keeps nobody awake where nothing is to be verified', () => {
    assert.equal(verifierAt(() => 0).look([]), -1)
    assert.equal(verifierAt(() => 0).look([{ ...session(), isToVerify: false }]), -1)
  })

  it('is not done while a call is being served, and soon after it', () => {
    let now = 0
    const busy = session()
    const verifier = verifierAt(() => now)
    busy.isServing = true
    for (; now < 10_000; now += 100) verifier.look([busy])
    assert.equal(busy.looks(), 0)
    busy.isServing = false
    for (; now < 10_200; now += 100) verifier.look([busy])
    assert.ok(busy.looks() > 0)
  })

  it('begins anew where another VM is levelled', () => {
    let now = 0
    const again = session(40)
    const verifier = verifierAt(() => now)
    for (; again.isToVerify; now += 100) verifier.look([again])
    const looks = again.looks()
    verifier.look([again])
    again.isToVerify = true
    for (let turn = 0; turn < 3; turn += 1, now += 100) verifier.look([again])
    assert.equal(again.looks(), looks + 2)
  })
})
