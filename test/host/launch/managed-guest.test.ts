import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { SUPERVISORS } from '../../harness/host-supervisor.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { emptyQcow2 } from './empty-qcow2.ts'
import { assertBootsShowPlan, startManagedGuest } from './managed-guest.ts'
import type { ManagedGuest } from './managed-guest.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'

for (const enforcement of ['Strict', 'BestEffort'] as const)
  describe(`a guest whose QEMU is told things by QMP, under ${enforcement}`, () => {
    let host: HostAccess
    let guest: ManagedGuest
    const folder = `/tmp/managed-${enforcement}`
    before(async () => {
      host = await connectHost('neoverse-v1')
      const plan = await putRevision(host, `managed-${enforcement}`, { ...LEVELLED_PLAN, enforcement })
      await host.run(['sh', '-c', `rm -rf ${folder}; mkdir ${folder}; cat > ${folder}/disk.qcow2`], {
        input: emptyQcow2(),
      })
      guest = await startManagedGuest(host, { plan, folder, disk: `${folder}/disk.qcow2` })
      await guest.booted(1)
    })
    after(() => {
      guest.qemu.kill('SIGKILL')
    })

    it('goes on when its QEMU makes a scratch VM to say what GICs there are', async () => {
      assert.match(await guest.tell('query-gic-capabilities'), /"version": 3/)
      await guest.goesOn()
    })

    // What follows is the same for both: a levelled VM is not made anew.
    if (enforcement === 'BestEffort') return

    it('boots again at system_reset, and sees the plan', async () => {
      await guest.tell('system_reset')
      assertBootsShowPlan(await guest.booted(2), 2)
    })

    it('is saved and loaded again, goes on, and at its next boot sees the plan', async () => {
      const line = { 'command-line': 'savevm one' }
      assert.match(await guest.tell('human-monitor-command', line), /"return": ""/)
      await guest.goesOn()
      const load = { 'command-line': 'loadvm one' }
      assert.match(await guest.tell('human-monitor-command', load), /"return": ""/)
      await guest.goesOn()
      await guest.tell('system_reset')
      assertBootsShowPlan(await guest.booted(3), 3)
    })

    it('boots again, when reset while its supervisor is away, once there is another', async () => {
      const killed = await host.run(['sh', '-c', `${SUPERVISORS}; s=$(supervisors); kill -9 $s && echo $s`])
      assert.match(killed.stdout, /^\d+\n$/)
      await guest.tell('system_reset')
      assertBootsShowPlan(await guest.booted(4), 4)
      await guest.goesOn()
      const { stdout } = await host.run(['sh', '-c', `${SUPERVISORS}; supervisors`])
      assert.match(stdout, /^\d+\n$/)
      assert.notEqual(stdout, killed.stdout)
    })

    it('boots again, when reset after another supervisor has come', async () => {
      await guest.tell('system_reset')
      assertBootsShowPlan(await guest.booted(5), 5)
      await guest.goesOn()
    })
  })

describe('a guest that executes its kernel anew (kexec)', () => {
  let host: HostAccess
  let guest: ManagedGuest
  before(async () => {
    host = await connectHost('neoverse-v1')
    const plan = await putRevision(host, 'managed-kexec', LEVELLED_PLAN)
    guest = await startManagedGuest(host, { plan, folder: '/tmp/managed-kexec', kexec: true })
  })
  after(() => {
    guest.qemu.kill('SIGKILL')
  })

  it('sees the plan before and after, with every vCPU online', async () => {
    const printed = await guest.booted(2)
    assertBootsShowPlan(printed, 2)
    assert.equal([...printed.matchAll(/^CPU implementer/gm)].length, 4, printed)
    await guest.goesOn()
  })
})
