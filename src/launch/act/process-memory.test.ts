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

  it('has no vCPU that has run before one was INITed, and may have one where that is not known', () => {
    using fresh = new ProcessMemory(process.pid)
    assert.ok(fresh.canaries.areAllThere)
    using known = new ProcessMemory(process.pid, { hasVcpus: true })
    assert.ok(!known.canaries.areAllThere)
  })
})
