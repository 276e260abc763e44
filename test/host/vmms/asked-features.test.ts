import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Plan } from '../../../src/api/plan.ts'
import { VCPU_FEATURES } from '../../../src/api/vcpu-feature.ts'
import type { VcpuFeature } from '../../../src/api/vcpu-feature.ts'
import { KVM_CAPABILITIES } from '../../../src/linux/abi/kvm-numbers.generated.ts'
import { samplePlan } from '../../fixtures/sample-plan.ts'
import { bootHost } from '../../harness/emulated-host.ts'
import type { EmulatedHost } from '../../harness/emulated-host.ts'
import { launchGuest } from '../launch/guest-launch.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { attemptNamed, launchScript } from './scripted-launch.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'
import { assertEndsWell, stepResult } from './situation.ts'
import { launchSituations, situationsUnder } from './situations.ts'

const PSCI = 0x4
/** The bits of KVM_ARM_VCPU_INIT by which a VMM asks for each feature; for memory tags it enables a capability. */
const INIT_BITS: Readonly<Record<VcpuFeature, number>> = {
  sve: 0x10,
  pointerAuthentication: 0x60,
  pmu: 0x8,
  el1_32bit: 0x2,
  el2: 0x80,
  mte: 0,
}
const ENABLE_MTE = `cap:A:${KVM_CAPABILITIES.KVM_CAP_ARM_MTE}`
const EINVAL = -22
const LOCKED_DOWN = 'as root where the kernel is locked down'
/** ID_AA64PFR1_EL1.MTE. */
const MTE = 0xf00n

const asks = (bits: number, before = ''): string =>
  `/opt/vmm/stepwise vm:A ${before} vcpu:A0 init:A0:0x${(PSCI | bits).toString(16)}`

/** What a neoverse-n2 with memory tags offers. */
const OFFERED = ['sve', 'pointerAuthentication', 'pmu', 'mte'] as const satisfies readonly VcpuFeature[]
const bitsOf = (features: readonly VcpuFeature[]): number =>
  features.reduce((bits, feature) => bits | INIT_BITS[feature], 0)

const DISABLED: Plan = samplePlan({
  vcpuFeatures: Object.fromEntries(VCPU_FEATURES.map((name) => [name, 'Disabled'])),
})
const REQUIRED: Plan = samplePlan({
  vcpuFeatures: Object.fromEntries(OFFERED.map((name) => [name, 'Required'])),
})

const QEMU_REQUIRED: Plan['vcpuFeatures'] = { pmu: 'Required', pointerAuthentication: 'Required' }

let host: EmulatedHost
before(async () => {
  host = await bootHost({
    name: 'asked-features',
    cpuModel: 'neoverse-n2',
    kernel: '6.18',
    machineOptions: ['mte=on'],
  })
})
after(() => host.stop())

const initOf = (launch: ScriptedLaunch, name: string): number => {
  const attempt = attemptNamed(launch, name)
  return stepResult(attempt, /"step":"(init:[^"]*)"/.exec(attempt.stdout)?.[1] ?? 'init:A0')
}

const featuresRefused = ({ record }: ScriptedLaunch, reason: string): (string | undefined)[] =>
  record.refused.filter((one) => one.reason === reason).map(({ feature }) => feature)

describe('a plan that disables every vCPU feature', () => {
  let launch: ScriptedLaunch
  before(async () => {
    const byBit = VCPU_FEATURES.filter((name) => INIT_BITS[name] !== 0)
    launch = await launchScript(
      host,
      await putRevision(host, 'all-disabled', DISABLED),
      `${byBit.map((name) => `try ${name} ${asks(INIT_BITS[name])}`).join('\n')}
       try mte ${asks(0, ENABLE_MTE)} run:A0
       try none ${asks(0)} run:A0`,
    )
  })

  for (const feature of VCPU_FEATURES)
    it(`refuses a VMM that has ${feature} all the same, or hides it from the guest`, () => {
      const { vcpus, stdout } = attemptNamed(launch, feature)
      if (initOf(launch, feature) !== 0) {
        assert.equal(initOf(launch, feature), EINVAL, stdout)
        assert.ok(featuresRefused(launch, 'VcpuFeatureDisabled').includes(feature), launch.stderr)
        return
      }
      assert.equal(feature, 'mte', stdout)
      const [shown = MTE, read = MTE] = vcpus[0]?.registers['ID_AA64PFR1_EL1'] ?? []
      assert.equal((shown | read) & MTE, 0n, stdout)
    })

  it('lets a VMM run that asks for none', () => {
    assert.equal(attemptNamed(launch, 'none').exitCode, 0, launch.stdout)
  })
})

describe('a plan that requires vCPU features', () => {
  let launch: ScriptedLaunch
  before(async () => {
    launch = await launchScript(
      host,
      await putRevision(host, 'all-required', REQUIRED),
      `${OFFERED.map((lacks) => {
        const rest = OFFERED.filter((name) => name !== lacks)
        return `try ${lacks} ${asks(bitsOf(rest), lacks === 'mte' ? '' : ENABLE_MTE)} finalize:A0`
      }).join('\n')}
       try all ${asks(bitsOf(OFFERED), ENABLE_MTE)} finalize:A0`,
    )
  })

  for (const feature of OFFERED)
    it(`refuses a VMM that does not ask for ${feature}`, () => {
      const { stdout } = attemptNamed(launch, feature)
      // One that asks for SVE cannot run before KVM_ARM_VCPU_FINALIZE.
      const isLate = feature === 'pmu' || feature === 'pointerAuthentication'
      assert.equal(initOf(launch, feature), isLate ? 0 : EINVAL, stdout)
      if (isLate) assert.equal(stepResult({ stdout }, 'finalize:A0'), EINVAL, stdout)
      assert.ok(featuresRefused(launch, 'VcpuFeatureNotAsked').includes(feature), launch.stderr)
    })

  it('lets QEMU make its scratch VM, which asks for SVE alone, and run a guest with all of them', async () => {
    const plan = await putRevision(host, 'qemu-required', samplePlan({ vcpuFeatures: QEMU_REQUIRED }))
    const { exitCode, stderr, features, record } = await launchGuest(host, plan)
    assert.equal(exitCode, 0, stderr)
    for (const shown of ['sve', 'paca', 'pacg']) assert.ok(features.includes(shown), features.join())
    assert.deepEqual(record.refused, [])
    assert.ok(record.vcpus > 1, JSON.stringify(record))
  })

  it('lets a VMM have a vCPU that asks for all of them', () => {
    assert.equal(initOf(launch, 'all'), 0, launch.stderr)
    assert.equal(stepResult(attemptNamed(launch, 'all'), 'finalize:A0'), 0, launch.stderr)
  })
})

// The last of this host: nothing lifts the lockdown.
describe('where the kernel is locked down, so that debugfs hides whether a VM has run, a VMM', () => {
  const situations = situationsUnder(LOCKED_DOWN)
  let launch: ScriptedLaunch
  before(async () => {
    const plan = await putRevision(host, 'locked-down', LEVELLED_PLAN)
    launch = await launchSituations(host, plan, LOCKED_DOWN)
    const { stdout } = await host.run(['cat', '/sys/kernel/security/lockdown'])
    assert.match(stdout, /\[integrity\]/)
  })

  for (const situation of situations)
    it(`${situation.name}: each vCPU shows the plan or is refused`, () => {
      assertEndsWell(launch, situation)
    })

  it('is never called verified', () => {
    assert.notEqual(launch.record.outcome, 'verified')
  })
})
