import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { launchGuest, type GuestLaunch } from './guest-launch.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'

const BEYOND_THE_HOST = {
  ...LEVELLED_PLAN,
  registers: [{ register: 'ID_AA64ISAR0_EL1', mask: '0xf0000000000000f0', value: '0x30000000000000f0' }],
}

describe('a guest launched under a plan', () => {
  let host: HostAccess
  before(async () => {
    host = await connectHost('neoverse-v1')
  })

  describe('that the host can show', () => {
    let launch: GuestLaunch
    before(async () => {
      launch = await launchGuest(host, await putRevision(host, 'levelled', LEVELLED_PLAN))
    })

    it('runs to its end, with stock QEMU and -cpu host', () => {
      assert.equal(launch.exitCode, 0, launch.stderr)
    })

    it('sees neither SVE nor pointer authentication nor what the plan hides', () => {
      assert.ok(launch.features.includes('asimd'))
      for (const feature of ['sve', 'paca', 'pacg', 'rng']) assert.ok(!launch.features.includes(feature))
    })

    it("sees the plan's MIDR and fields", () => {
      assert.equal(launch.registers.get('MIDR_EL1'), 0x413fd0c1n)
      assert.equal((launch.registers.get('ID_AA64ISAR0_EL1') ?? -1n) >> 60n, 0n)
    })

    it('is verified in debugfs, with nothing refused', () => {
      assert.equal(launch.record.outcome, 'verified', JSON.stringify(launch.record))
      assert.deepEqual(launch.record.refused, [])
      assert.deepEqual(launch.record.verification?.different, [])
    })

    it('has every vCPU levelled once, a scratch one and two, and reset without a stop', () => {
      assert.equal(launch.record.vcpus, 3)
      const inits = launch.record.calls.filter(({ call }) => call === 'KVM_ARM_VCPU_INIT')
      assert.deepEqual(
        inits.map(({ answer }) => answer),
        ['injected', 'goes on'],
      )
      assert.ok(
        launch.record.registers.some(
          ({ register, kept }) => register === 'KVM_REG_ARM_PSCI_VERSION' && kept === '0x10001',
        ),
      )
    })

    it('has its register list given from what was kept, without stopping the VMM', () => {
      const answers = launch.record.calls.filter(({ call }) => call === 'KVM_GET_REG_LIST')
      assert.ok(answers.length > 0)
      assert.ok(
        answers.every(
          ({ answer }) => answer === 'returns the kept register list' || answer === 'fails with E2BIG',
        ),
        JSON.stringify(answers),
      )
    })

    it('says what it cost', (test) => {
      for (const { step, count, microseconds } of launch.record.steps)
        test.diagnostic(`${step}: ${microseconds} us in ${count}`)
    })
  })

  it('is not launched under Strict where the host cannot show a field, and the record names it', async () => {
    const launch = await launchGuest(host, await putRevision(host, 'beyond', BEYOND_THE_HOST))
    assert.notEqual(launch.exitCode, 0)
    assert.equal(launch.registers.size, 0)
    assert.equal(launch.record.outcome, 'refused')
    assert.deepEqual(
      launch.record.refused.map(({ reason, field }) => [reason, field]),
      [
        ['FieldRefused', 'RNDR'],
        ['FieldRefused', 'AES'],
      ],
    )
    assert.match(launch.stderr, /FieldRefused ID_AA64ISAR0_EL1\.RNDR \(wanted 3, shown 1\)/)
  })

  it('goes on under BestEffort with what can be had, and reports the rest', async () => {
    const plan = { ...BEYOND_THE_HOST, enforcement: 'BestEffort' as const }
    const launch = await launchGuest(host, await putRevision(host, 'best-effort', plan))
    assert.equal(launch.exitCode, 0, launch.stderr)
    assert.equal(launch.registers.get('MIDR_EL1'), 0x413fd0c1n)
    assert.equal(launch.record.outcome, 'partly-applied')
    assert.ok(launch.record.refused.some(({ field }) => field === 'RNDR'))
  })
})
