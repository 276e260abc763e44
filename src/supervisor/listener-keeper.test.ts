import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createPipe } from '../linux/process/pipe.ffi.ts'
import { setFileOwner, setFileSignal } from '../linux/process/file-owner.ffi.ts'
import { claimListener, hostKeeper, isClaimedBy, isLeftByHost, launchKeeper } from './listener-keeper.ts'

describe('the mark of a listener', () => {
  /** Stands for a listener: the kernel keeps the mark of any open file. */
  let listener: number
  let writeEnd: number
  beforeEach(() => {
    const pipe = createPipe()
    assert.ok(typeof pipe !== 'number')
    listener = pipe.readEnd
    writeEnd = pipe.writeEnd
  })
  afterEach(() => {
    closeSync(listener)
    closeSync(writeEnd)
  })

  it('is not there before a supervisor sets it: a listener of another program is nobody of ours', () => {
    for (const keeper of [hostKeeper(), launchKeeper()]) assert.ok(!isClaimedBy(listener, keeper))
    assert.ok(!isLeftByHost(listener, true))
  })

  it('says which supervisor serves it, until another one claims it', () => {
    claimListener(listener, hostKeeper())
    assert.ok(isClaimedBy(listener, hostKeeper()))
    assert.ok(!isClaimedBy(listener, { ...hostKeeper(), pid: process.ppid }))
    claimListener(listener, launchKeeper())
    assert.ok(!isClaimedBy(listener, hostKeeper()))
    assert.ok(isClaimedBy(listener, launchKeeper()))
  })

  it('says that it was left where a supervisor of a host has ended, and of no other', async () => {
    const other = spawn('sleep', ['1000'])
    await once(other, 'spawn')
    const pid = other.pid ?? assert.fail('it has no pid')
    claimListener(listener, { ...hostKeeper(), pid })
    assert.ok(!isLeftByHost(listener, true))
    claimListener(writeEnd, { ...launchKeeper(), pid })
    other.kill('SIGKILL')
    await once(other, 'exit')
    assert.ok(isLeftByHost(listener, true))
    assert.ok(!isLeftByHost(writeEnd, true))
  })

  it('does not say that it was left where its supervisor may be one that has no pid here', () => {
    // The kernel says 0 of an owner that has ended, and of one in an outer pid namespace.
    setFileOwner(listener, 0)
    setFileSignal(listener, hostKeeper().mark)
    assert.ok(!isLeftByHost(listener, false))
    assert.ok(!isClaimedBy(listener, { ...hostKeeper(), pid: 0 }))
  })
})
