import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { assertShowsPlan } from '../vmms/vmm-launch.ts'
import { launchAndKill } from './killed-supervisor.ts'
import type { KilledLaunch } from './killed-supervisor.ts'
import { levelledPlan, putRevision } from './revision-file.ts'

/** Levelled, or failed: never a guest that reads what the plan hides. */
const assertNeverUnlevelled = ({ vcpus, stderr }: KilledLaunch): void => {
  for (const vcpu of vcpus) if (vcpu.init === 0) assertShowsPlan(vcpu, stderr)
}

const assertNothingLeft = ({ left, tracers }: KilledLaunch): void => {
  assert.equal(left, '')
  assert.doesNotMatch(tracers, /TracerPid:\s*[1-9]/)
}

describe('a supervisor that is killed', () => {
  let host: HostAccess
  let plan: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'takeover', levelledPlan)
  })

  it('before the VMM has made a VM: the launch fails, and nothing runs unlevelled', async () => {
    const launch = await launchAndKill(host, plan, {
      folder: '/tmp/takeover-early',
      options: ['--sleep-before-init', '3000'],
      kills: [0],
    })
    assert.notEqual(launch.exitCode, 0)
    assert.match(launch.stdout, /"KVM_CREATE_VM","errno":38/)
    assertNothingLeft(launch)
  })

  for (const after of [0.05, 0.2, 0.4, 0.7])
    it(`${after} s after the VMM began: it is levelled by the next one, or has failed`, async () => {
      const launch = await launchAndKill(host, plan, {
        folder: `/tmp/takeover-${after}`,
        options: ['--scratch', '--vcpus', '6'],
        kills: [after],
      })
      assert.ok(!Number.isNaN(launch.exitCode), launch.stderr)
      assertNeverUnlevelled(launch)
      assertNothingLeft(launch)
    })

  it('while the VM runs: the VM goes on, under the next one', async () => {
    const launch = await launchAndKill(host, plan, {
      folder: '/tmp/takeover-running',
      options: ['--vcpus', '2', '--exits', '60000'],
      kills: [2.5, 0.5],
    })
    assert.equal(launch.exitCode, 0, launch.stderr)
    assert.equal(launch.vcpus.length, 2)
    assertNeverUnlevelled(launch)
    assertNothingLeft(launch)
  })
})
