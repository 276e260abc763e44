import assert from 'node:assert/strict'
import { closeSync, writeSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createPipe } from '../../linux/process/pipe.ffi.ts'
import { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { SupervisedSession } from './supervised-session.ts'
import { Supervisor } from './supervisor.ts'

describe('a supervisor of many sessions', () => {
  const writeEnds: number[] = []
  let sessions: SupervisedSession[]
  let did: string[]

  /** A session whose pipe stands for a listener; `fails` throws in all that it does. */
  const session = (name: string, fails: boolean): SupervisedSession => {
    const pipe = createPipe()
    assert.ok(typeof pipe !== 'number')
    writeEnds.push(pipe.writeEnd)
    const act = (what: string): boolean => {
      if (fails) throw new Error(`${name} cannot ${what}`)
      did.push(`${name}: ${what}`)
      return true
    }
    return {
      listener: new NotificationListener(pipe.readEnd),
      isServing: true,
      holdsThreads: true,
      expectsNotifications: true,
      isToVerify: true,
      verify: () => void act('verify'),
      advance: () => act('advance'),
      receive: () => act('receive'),
      end: () => void act('end'),
    }
  }

  beforeEach(() => {
    did = []
    sessions = [session('bad', true), session('good', false)]
  })
  afterEach(() => {
    for (const { listener } of sessions) listener[Symbol.dispose]()
    for (const fd of writeEnds.splice(0)) closeSync(fd)
  })

  it('serves the others where one has a fault, whatever it was doing', () => {
    const faults: string[] = []
    const supervisor = new Supervisor((_, error) => faults.push(String(error)))
    for (const one of sessions) supervisor.add(one)
    for (const fd of writeEnds) writeSync(fd, 'x')
    supervisor.turn(0)
    for (const one of sessions) supervisor.verify(one, undefined)
    assert.deepEqual(did, ['good: advance', 'good: receive', 'good: verify'])
    assert.deepEqual(
      faults,
      ['advance', 'receive', 'verify'].map((what) => `Error: bad cannot ${what}`),
    )
  })

  it('ends a session whose listener has hung up only once its threads have ended, and listens to it no more', () => {
    const good = sessions[1] ?? assert.fail()
    const threads = { areLeft: true }
    const one = {
      ...good,
      get isServing() {
        return threads.areLeft
      },
    }
    const supervisor = new Supervisor()
    supervisor.add(one)
    closeSync(writeEnds.pop() ?? assert.fail())
    supervisor.turn(0)
    supervisor.turn(0)
    assert.deepEqual(did, ['good: advance', 'good: advance'])
    assert.deepEqual([supervisor.fds, supervisor.sessions.size], [[], 1])
    threads.areLeft = false
    supervisor.turn(0)
    assert.deepEqual([did.at(-1), supervisor.sessions.size], ['good: end', 0])
  })

  it('throws a fault on where it is one for one launch: another one succeeds it', () => {
    const supervisor = new Supervisor()
    for (const one of sessions) supervisor.add(one)
    assert.throws(() => supervisor.turn(0), /bad cannot advance/)
  })
})
