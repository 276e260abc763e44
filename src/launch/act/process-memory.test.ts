import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { ProcessMemory } from './process-memory.ts'

describe('the memory of a process', () => {
  it('is there as long as the process is, and executes nothing else', async () => {
    const child = spawn('/bin/sh', ['-c', 'echo begun; read line; exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    await once(child.stdout, 'data')
    using before = new ProcessMemory(child.pid ?? 0)
    assert.ok(before.isAlive)
    child.stdin.write('go on\necho\n')
    await once(child.stdout, 'data')
    assert.ok(!before.isAlive)
    using after = new ProcessMemory(child.pid ?? 0)
    assert.ok(after.isAlive)
    child.stdin.end()
    await once(child, 'exit')
    assert.ok(!after.isAlive)
  })

  it('has certainly no vCPU that runs before one is INITed, and certainly may once one is out of sight', () => {
    using memory = new ProcessMemory(process.pid)
    assert.equal(memory.mayHaveRun, false)
    memory.hasVcpus = true
    assert.equal(memory.mayHaveRun, undefined)
    memory.isOutOfSight = true
    assert.equal(memory.mayHaveRun, true)
  })
})
