import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { isWhereItsRuntimeSays, processesOf } from './container-processes.ts'

const POD = '/kubepods.slice/kubepods-pod1_2.slice'

describe('the processes of a container, by /proc', () => {
  let proc: string
  const containerOf = (pid: number, id = 'vmm') => ({
    ...{ id, pid, name: 'vmm', runtime: 'cri' as const },
    pod: { namespace: 'default', name: 'vm', uid: '1-2' },
  })
  before(() => {
    proc = mkdtempSync(join(tmpdir(), 'proc-'))
    const cgroups = {
      10: `0::${POD}/cri-containerd-vmm.scope\n`,
      11: `0::${POD}/cri-containerd-vmm.scope/emulator\n`,
      12: `0::${POD}/cri-containerd-other.scope\n`,
      13: '0::/system.slice/ssh.service\n',
    }
    for (const [pid, cgroup] of Object.entries(cgroups)) {
      mkdirSync(join(proc, pid))
      writeFileSync(join(proc, pid, 'cgroup'), cgroup)
    }
    mkdirSync(join(proc, 'sys'))
  })
  after(() => {
    rmSync(proc, { recursive: true })
  })

  it('are those in its cgroup and below', () => {
    assert.deepEqual(processesOf(containerOf(10), proc), [10, 11])
    assert.deepEqual(processesOf(containerOf(10, 'none'), proc), [])
  })

  it('must have among them the one that the runtime named, as long as it lives', () => {
    assert.equal(isWhereItsRuntimeSays(containerOf(11), proc), true)
    assert.equal(isWhereItsRuntimeSays(containerOf(12), proc), false)
    assert.equal(isWhereItsRuntimeSays(containerOf(13), proc), false)
  })

  it('are enough where the one that the runtime named has ended: its children made the call', () => {
    assert.equal(isWhereItsRuntimeSays(containerOf(99), proc), true)
    assert.equal(isWhereItsRuntimeSays(containerOf(99, 'none'), proc), false)
  })
})
