import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { threadWithListener } from '../../../test/harness/thread-with-listener.ts'
import { inheritListener } from './take-over.ts'

const HABITS = [
  ['whose first thread has ended', 'leader-exits'],
  ['of which one thread alone has it, in a file table of its own', 'own-table'],
] as const

describe('the listener of a supervisor that died', () => {
  for (const [what, habit] of HABITS) {
    it(`is taken from a process ${what}, and not once that has ended`, async () => {
      const vmm = await threadWithListener(habit)
      const inherited = inheritListener([vmm])
      await vmm[Symbol.asyncDispose]()
      assert.ok(inherited.kind === 'inherited', inherited.kind)
      inherited.listener[Symbol.dispose]()
      assert.equal(inheritListener([vmm]).kind, 'gone')
    })

    it(`is looked for in a process ${what}, where nobody knows its number`, async () => {
      await using vmm = await threadWithListener(habit)
      const inherited = inheritListener([{ pid: vmm.pid }])
      assert.ok(inherited.kind === 'inherited', inherited.kind)
      inherited.listener[Symbol.dispose]()
      assert.equal(inheritListener([{ ...vmm, listenerFd: vmm.listenerFd + 1 }]).kind, 'gone')
    })
  }
})
