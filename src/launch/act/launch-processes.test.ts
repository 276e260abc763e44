import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { threadWithListener } from '../../../test/harness/thread-with-listener.ts'
import { LaunchProcesses } from './launch-processes.ts'

describe('the processes of a launch', () => {
  let children: ChildProcess[]
  const pidOf = (index: number): number => children[index]?.pid ?? 0
  beforeEach(() => {
    children = [0, 1, 2].map(() => spawn('/bin/cat', { stdio: ['pipe', 'ignore', 'ignore'] }))
  })
  afterEach(() => {
    for (const child of children) child.kill()
  })

  it('are no more than may be at once, until one of them has ended', async () => {
    using processes = new LaunchProcesses(undefined, 2)
    const first = processes.of(pidOf(0))
    assert.ok(typeof first === 'object')
    assert.ok(typeof processes.of(pidOf(1)) === 'object')
    assert.equal(processes.of(pidOf(2)), 'too-many')
    assert.equal(processes.of(pidOf(0)), first)
    assert.equal(processes.state().processes.length, 2)
    const [child] = children
    assert.ok(child)
    child.kill()
    await once(child, 'exit')
    assert.equal(processes.of(pidOf(0)), 'gone')
    assert.ok(typeof processes.of(pidOf(2)) === 'object')
  })

  it('keep a bounded number of the threads that made their VMs, the last ones', () => {
    using processes = new LaunchProcesses()
    const process = processes.of(pidOf(0))
    assert.ok(typeof process === 'object')
    for (let tid = 1; tid <= 100_000; tid++) process.addCreator(tid)
    assert.equal(process.creators.size, 1024)
    assert.ok(process.creators.has(100_000))
  })

  it('keep what is known of a process whose first thread has ended', async () => {
    await using vmm = await threadWithListener('leader-exits')
    const saved = { pid: vmm.pid, creators: [vmm.tid], hasVcpus: true, isOutOfSight: false, vms: [] }
    using processes = new LaunchProcesses({ processes: [saved], registerLists: [] })
    const process = processes.of(vmm.tid)
    assert.ok(typeof process === 'object')
    assert.ok(process.memory.hasVcpus)
    assert.deepEqual(processes.state().processes, [saved])
  })
})
