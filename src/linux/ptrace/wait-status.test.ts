import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stopEvent } from './wait-status.ts'

describe('stopEvent', () => {
  const cases: readonly [string, number, ReturnType<typeof stopEvent>][] = [
    ['an exit code', 0x0100, { kind: 'ended' }],
    ['death by SIGKILL', 9, { kind: 'ended' }],
    ['death by SIGSEGV with a core dump', 0x8b, { kind: 'ended' }],
    ['a system call', ((5 | 0x80) << 8) | 0x7f, { kind: 'syscall-stop' }],
    ['PTRACE_INTERRUPT', (128 << 16) | (5 << 8) | 0x7f, { kind: 'interrupt-stop' }],
    ['job control under PTRACE_SEIZE', (128 << 16) | (19 << 8) | 0x7f, { kind: 'interrupt-stop' }],
    ['SIGUSR1 about to be delivered', (10 << 8) | 0x7f, { kind: 'signal-stop', signal: 10 }],
    ['SIGTRAP about to be delivered', (5 << 8) | 0x7f, { kind: 'signal-stop', signal: 5 }],
  ]
  for (const [name, status, event] of cases) {
    it(`reads ${name}`, () => {
      assert.deepEqual(stopEvent(status), event)
    })
  }
})
