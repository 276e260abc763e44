import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FRESH_PROCESS } from '../../../test/fixtures/sample-situation.ts'
import type { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import { ask, note, type Script } from '../script/action.ts'
import { performScript, UntouchedError, type ScriptAudience } from './perform-script.ts'

const ENOSPC = new Error('ENOSPC')
const audience: ScriptAudience = {
  note: () => {
    throw ENOSPC
  },
  begin: () => undefined,
  look: () => FRESH_PROCESS,
  bound: () => undefined,
  hold: () => {
    throw ENOSPC
  },
  save: () => true,
}
const vcpus = { mayHaveRun: () => false, mark: () => true }

/** Performs a script up to its end: with what its call was answered, and what it threw. */
const performed = (script: Script<string>, goesOn = false): { answers: bigint[]; error: unknown } => {
  const answers: bigint[] = []
  const listener = {
    answer: (_: bigint, value: bigint) => answers.push(value),
  } as unknown as NotificationListener
  const notification = { id: 1n, tid: 0, request: 0, args: [] } as never
  try {
    performScript(script, { listener, notification, audience, vcpus, goesOn }).next()
    return { answers, error: undefined }
  } catch (error) {
    return { answers, error }
  }
}

describe('performing a script where what must be saved cannot be', () => {
  const cases: readonly (readonly [string, () => Script<string>])[] = [
    [
      'before a call goes on in a process of which a VM runs',
      function* () {
        yield* note({ kind: 'sight-lost' })
        yield* ask({ do: 'resume' })
        return 'goes on'
      },
    ],
    [
      'before a thread is stopped',
      function* () {
        yield* ask({ do: 'stop' })
        return 'stopped'
      },
    ],
  ]
  for (const [when, script] of cases)
    it(`fails the call with EIO and nothing else, ${when}`, () => {
      const { answers, error } = performed(script())
      assert.deepEqual(answers, [-5n])
      assert.ok(error instanceof UntouchedError)
      assert.equal(error.cause, ENOSPC)
    })
})
