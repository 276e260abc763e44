import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { attemptNamed, launchScript } from './scripted-launch.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'
import { stepResult } from './situation.ts'

const RNDR = 0xf000_0000_0000_0000n

/** For so long the VMs are there to be looked at when they have run. */
const STAYS = 'wait:3000'

describe('a process with two VMs', () => {
  let host: HostAccess
  let plan: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'record-of-vms', LEVELLED_PLAN)
  })

  const launched = (steps: string, script = ''): Promise<ScriptedLaunch> =>
    launchScript(host, plan, `${script}\ntry it /opt/vmm/stepwise ${steps}`)

  it('is called verified once KVM has shown the plan of both, and names both', async () => {
    const file = `${plan}.record.json`
    await host.run(['rm', '-f', '/tmp/looked', file])
    const { record, stdout } = await launched(
      'vm:A vm:B vcpu:A0 vcpu:B0 init:A0 init:B0 run:A0 run:B0 await:/tmp/looked',
      // A list of VMs that has a second one: it may be called verified with the first alone before.
      `(wait_for '"[0-9]*-[0-9]*",$' ${file}; touch /tmp/looked) &`,
    )
    assert.equal(record.outcome, 'verified', stdout)
    assert.equal(record.verification?.vms.length, 2, stdout)
  })

  it('is not called verified while only the first has run, or the record names that one alone', async () => {
    const { record } = await launched(`vm:A vm:B vcpu:A0 vcpu:B0 init:A0 init:B0 run:A0 ${STAYS}`)
    assert.ok(record.outcome === 'applied' || record.verification?.vms.length === 1, JSON.stringify(record))
  })

  it('is not called verified where it has closed one whose kvm_run stays mapped, which KVM shows in the place of the other', async () => {
    const { record, stdout } = await launched(
      `vm:A vcpu:A0 init:A0 run:A0 keep-run:A0 close:A vm:B vcpu:B0 init:B0 run:B0 ${STAYS}`,
    )
    assert.equal(record.outcome, 'applied', stdout)
  })

  it('is called different where the second shows what was hidden, or the record names the first alone', async () => {
    const launch = await launched(
      `vm:A vm:B vcpu:A0 vcpu:B0 init:A0 init:B0 show-rndr:B0 run:A0 run:B0 ${STAYS}`,
    )
    const [, second] = attemptNamed(launch, 'it').vcpus
    assert.notEqual((second?.registers['ID_AA64ISAR0_EL1']?.[1] ?? 0n) & RNDR, 0n, launch.stdout)
    const { outcome, verification } = launch.record
    assert.ok(outcome === 'different' || verification?.vms.length !== 2, JSON.stringify(launch.record))
  })

  it('gets for each the register list of its own features', async () => {
    // The second has a PMU.
    const steps = 'vm:A vcpu:A0 init:A0 vm:B vcpu:B0 init:B0:0xc list:A0 list:B0'
    const { stdout: alone } = await host.run(['sh', '-c', `/opt/vmm/stepwise ${steps}`])
    const launch = await launched(steps)
    const [first, second] = ['list:A0', 'list:B0'].map((step) => {
      const listed = stepResult(attemptNamed(launch, 'it'), step)
      return stepResult({ stdout: alone }, step) - listed
    })
    const excluded = LEVELLED_PLAN.registerList.exclude.length
    assert.deepEqual([first, second], [excluded, excluded], `${alone}\n${launch.stdout}`)
  })
})
