import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { threadWithListener } from '../../../test/harness/thread-with-listener.ts'
import { isAlive, liveThreadsOf } from './process-facts.ts'

describe('a process whose first thread has ended', () => {
  it('is alive as long as another thread is', async () => {
    const vmm = await threadWithListener('leader-exits')
    const [isAliveAfter, threads] = [isAlive(vmm.pid), liveThreadsOf(vmm.pid).toArray()]
    await vmm[Symbol.asyncDispose]()
    assert.ok(isAliveAfter)
    assert.ok(threads.includes(vmm.tid))
    assert.ok(!threads.includes(vmm.pid))
    assert.ok(!isAlive(vmm.pid))
  })
})
