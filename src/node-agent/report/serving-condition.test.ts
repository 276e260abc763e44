import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { servingCondition, type ServingFacts } from './serving-condition.ts'

const FINE: ServingFacts = {
  notReady: [],
  ptraceScope: 1,
  hasNotifications: true,
  hasDebugfs: true,
  isLockedDown: false,
}

const CASES: Record<string, readonly [Partial<ServingFacts>, status: string, message: RegExp]> = {
  'where nothing is missing': [{}, 'True', /levelled and read back\.$/],
  'without debugfs, and says what is not proven then': [
    { hasDebugfs: false },
    'True',
    /not verified.*debugfs/,
  ],
  'on a locked kernel, and says what is not proven then': [
    { isLockedDown: true },
    'True',
    /not verified.*locked/,
  ],
  'not where nobody may trace': [{ ptraceScope: 3 }, 'False', /ptrace_scope.*set it to 2/],
  'not where filters cannot notify': [{ hasNotifications: false }, 'False', /USER_NOTIF/],
  'not while a task waits, and says for what': [
    { notReady: ['the holder does not answer'] },
    'False',
    /^the holder/,
  ],
}

describe('a node serves', () => {
  for (const [name, [facts, status, message]] of Object.entries(CASES))
    it(name, () => {
      const condition = servingCondition({ ...FINE, ...facts })
      assert.equal(condition.status, status)
      assert.match(condition.message, message)
    })
})
