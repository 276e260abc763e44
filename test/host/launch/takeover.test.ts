import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { assertAllLevelled, assertShowsPlan, printedVcpus } from '../vmms/vmm-launch.ts'
import { launchAndKill } from './killed-supervisor.ts'
import type { KilledLaunch } from './killed-supervisor.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'

/** Levelled, or failed: never a guest that reads what the plan hides. */
const assertNeverUnlevelled = ({ vcpus, stderr }: KilledLaunch): void => {
  for (const vcpu of vcpus) if (vcpu.init === 0) assertShowsPlan(vcpu, stderr)
}

const assertNothingLeft = ({ left, tracers }: KilledLaunch): void => {
  assert.equal(left, '')
  assert.doesNotMatch(tracers, /TracerPid:\s*[1-9]/)
}

describe('a supervisor that ends too early', () => {
  let host: HostAccess
  let plan: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'takeover', LEVELLED_PLAN)
  })

  it('killed before the VMM has made a VM: the launch fails, and nothing runs unlevelled', async () => {
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
    it(`killed ${after} s after the VMM began: it is levelled by the next one, or has failed`, async () => {
      const launch = await launchAndKill(host, plan, {
        folder: `/tmp/takeover-${after}`,
        options: ['--scratch', '--vcpus', '6'],
        kills: [after],
      })
      assert.ok(!Number.isNaN(launch.exitCode), launch.stderr)
      assertNeverUnlevelled(launch)
      assertNothingLeft(launch)
    })

  it('killed while the VM runs: the VM goes on, under the next one', async () => {
    const launch = await launchAndKill(host, plan, {
      folder: '/tmp/takeover-running',
      options: ['--vcpus', '2', '--exits', '60000', '--hold-until', '/tmp/takeover-running/killed'],
      kills: [0.5, 0.5],
      whenRunning: true,
    })
    assert.equal(launch.exitCode, 0, launch.stderr)
    assert.equal(launch.vcpus.length, 2)
    assertNeverUnlevelled(launch)
    assertNothingLeft(launch)
  })

  it('killed while a VM runs whose first thread has ended: the next one serves the vCPU that is added', async () => {
    const launch = await launchAndKill(host, plan, {
      folder: '/tmp/takeover-leader',
      options: ['--vcpus 2 --leader-exits --hotplug --hotplug-when /tmp/takeover-leader/killed'],
      kills: [0.5, 0.5],
      whenRunning: true,
    })
    assert.equal(launch.exitCode, 0, launch.stderr)
    assert.equal(launch.vcpus.length, 3)
    assertNeverUnlevelled(launch)
    assertNothingLeft(launch)
  })

  it('by a fault of its own: it says so, and the next one serves the vCPU that is added', async () => {
    const folder = '/tmp/takeover-fault'
    // Once, when the record is there: the launch is levelled, and its VM is about to run.
    const fault = `import { existsSync, writeFileSync } from 'node:fs'
      const now = performance.now.bind(performance)
      if (process.argv.includes('supervise')) performance.now = () => {
        if (!existsSync('${folder}/record.json') || existsSync('${folder}/faulty')) return now()
        writeFileSync('${folder}/faulty', '')
        throw new Error('a fault in a test')
      }`
    await host.run(['sh', '-c', `mkdir -p ${folder}; cat > ${folder}/fault.mjs`], { input: fault })
    const { stdout, stderr, exitCode } = await host.run(
      [
        ...['cpufeatures', 'run', '--plan', plan, '--record', `${folder}/record.json`, '--'],
        ...['/opt/vmm/vmm', '--vcpus', '2', '--exits', '20000', '--hotplug'],
      ],
      { env: { NODE_OPTIONS: `--import=${folder}/fault.mjs` } },
    )
    assert.match(
      stderr,
      /an internal error ended the supervisor, and another one takes over: Error: a fault in a test\n/,
    )
    assertAllLevelled({ exitCode, stdout, vcpus: printedVcpus(stdout) }, 3)
  })
})
