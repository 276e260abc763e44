import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import type { HostProcess } from '../../harness/host-process.ts'
import { startHostSupervisor, SUPERVISORS } from '../../harness/host-supervisor.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { assertBootsShowPlan, startManagedGuest, type ManagedGuest } from './managed-guest.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'
import { versionedPackage, type VersionedPackage } from './versioned-package.ts'

const FOLDER = '/tmp/other-version'
const SOCKET = `${FOLDER}/socket`
const FOREIGN = ['notes.txt', 'launch-1-of-somebody']

/** It boots again at a reset, and sees the plan as often as it has booted. */
const bootsAgain = async (guest: ManagedGuest, boots: number): Promise<void> => {
  await guest.tell('system_reset')
  assertBootsShowPlan(await guest.booted(boots), boots)
}

describe('a supervisor of another version than the one that launched a running VM', () => {
  let host: HostAccess
  let plan: string
  let supervisor: HostProcess
  let product: VersionedPackage
  const guests: ManagedGuest[] = []
  const sh = (script: string) => host.run(['sh', '-c', script])
  const kept = async (): Promise<string[]> => (await sh(`ls ${FOLDER}/launches`)).stdout.trim().split('\n')

  const succeedAs = async (version: number): Promise<void> => {
    supervisor.kill('SIGKILL')
    await supervisor.exited
    await product.become(version)
    supervisor = await startHostSupervisor(host, SOCKET, [], product)
  }
  const launch = async (name: string, run: readonly string[]): Promise<ManagedGuest> => {
    const guest = await startManagedGuest(host, { plan, folder: `${FOLDER}/${name}`, run })
    guests.push(guest)
    await guest.booted(1)
    return guest
  }

  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'other-version', LEVELLED_PLAN)
    await sh(
      `rm -rf ${FOLDER}; mkdir -p ${FOLDER}/launches; cd ${FOLDER}/launches; touch ${FOREIGN.join(' ')}`,
    )
    product = await versionedPackage(host, `${FOLDER}/product`)
    supervisor = await startHostSupervisor(host, SOCKET, [], product)
  })
  after(async () => {
    for (const { qemu } of guests) qemu.kill('SIGKILL')
    supervisor.kill()
    await supervisor.exited
  })

  const run = () => [...product.command, 'run', '--supervisor', SOCKET]

  it('has the VM boot again, refuses by name what it cannot know, and leaves every file where it is', async () => {
    const guest = await launch('first', run())
    const before = await kept()
    assert.equal(before.length, FOREIGN.length + 1)
    await succeedAs(2)
    assert.match(supervisor.stderr(), /launch-\d+-[0-9a-f]+ stays as it is: it has version 1/)
    for (const name of FOREIGN)
      assert.equal(supervisor.stderr().split(`/${name} stays as it is`).length, 2, supervisor.stderr())
    await bootsAgain(guest, 2)
    // QEMU makes a scratch VM for that: without one it says that KVM has none.
    assert.doesNotMatch(await guest.tell('query-gic-capabilities'), /"kernel": true/)
    await guest.goesOn()
    assert.match(supervisor.stderr(), /KVM_CREATE_VM of process \d+ \(qemu.*\) fails with EIO/)
    await guest.tell('system_reset')
    await guest.booted(3)
    assert.deepEqual(await kept(), before)
  })

  it('goes the other way too, with a VM of either version at once', async () => {
    const [first] = guests
    assert.ok(first)
    const second = await launch('second', run())
    await succeedAs(1)
    assert.match(supervisor.stderr(), /launch-\d+-[0-9a-f]+ stays as it is: it has version 2/)
    await bootsAgain(second, 2)
    await bootsAgain(first, 4)
    assert.match(await first.tell('query-gic-capabilities'), /"kernel": true/)
  })

  it('removes the files of those that it can read once their VMs have ended, and no other', async () => {
    for (const { qemu } of guests.splice(0)) {
      qemu.kill('SIGKILL')
      await qemu.exited
    }
    await succeedAs(2)
    const left = await kept()
    assert.deepEqual(
      left.filter((name) => FOREIGN.includes(name)),
      FOREIGN.toSorted(),
    )
    await succeedAs(1)
    assert.deepEqual(await kept(), FOREIGN.toSorted())
  })

  it("has the VM of a supervisor of its own boot again where the supervisor's program was replaced", async () => {
    const killed = async (): Promise<void> => {
      const { stdout } = await sh(
        `${SUPERVISORS}; s=$(supervisors); kill -9 $s && echo $s
         until [ -n "$(supervisors)" ] && [ "$(supervisors)" != "$s" ]; do sleep 0.1; done`,
      )
      assert.match(stdout, /^\d+\n$/)
    }
    const guest = await launch('own', [...product.command, 'run'])
    await product.become(2)
    await killed()
    await bootsAgain(guest, 2)
    assert.match(guest.qemu.stderr(), /cannot be read: it has version 1 of the form/)
    await product.become(1)
    await killed()
    await bootsAgain(guest, 3)
  })
})
