import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostDocument } from '../../../src/api/host-document.ts'
import { fixtureHostFile, profileOf, runVerb } from './run-verb.ts'

const V1 = fixtureHostFile('neoverse-v1-6.18')
const N2 = fixtureHostFile('neoverse-n2-6.18')
const DUMP = 'test/fixtures/firecracker/neoverse-v2-6.18.json'

type Template = {
  kvm_capabilities: string[]
  vcpu_features: { index: number; bitmap: string }[]
  reg_modifiers: { addr: string; bitmap: string }[]
}

const exported = (spec: object, hosts: readonly string[] = []) => {
  const input = hosts.length > 0 ? ['--hosts', ...hosts] : []
  const { stdout: revision } = runVerb(['compile', '-f', '-', ...input], profileOf(spec))
  const { status, stdout, stderr } = runVerb(['export', '--format', 'firecracker', '-f', '-'], revision)
  assert.equal(status, 0, stderr)
  return { template: JSON.parse(stdout) as Template, notes: stderr }
}

describe('cpufeatures export --format firecracker', () => {
  it('writes the specified bits and leaves the others', () => {
    const spec = { base: { host: {} }, features: [{ name: 'FEAT_RNG', state: 'Disabled' }] }
    const { template } = exported(spec)
    const isar0 = template.reg_modifiers.find(({ addr }) => addr === '0x603000000013c030')
    assert.equal(isar0?.bitmap, `0b0000${'x'.repeat(60)}`)
  })

  it('asks for vCPU features by their bits and capabilities', () => {
    const { template } = exported({ base: { host: {} }, vcpuFeatures: { sve: 'Required', pmu: 'Disabled' } })
    assert.deepEqual(template.kvm_capabilities, ['170'])
    const [features] = template.vcpu_features
    assert.ok(features)
    assert.equal(features.index, 0)
    // From the lowest bit up: EL1_32BIT, PSCI_0_2, PMU_V3 and SVE are bits 1 to 4.
    const lowest = features.bitmap.slice(-5)
    assert.equal(lowest.slice(0, 3), '10x')
  })

  it('says what a template cannot', () => {
    const { template, notes } = exported({ base: { nodes: {} }, implementation: { midr: 'FromBaseline' } }, [
      V1,
      N2,
    ])
    const midr = template.reg_modifiers.find(({ addr }) => addr === '0x603000000013c000')
    assert.equal(BigInt(midr?.bitmap ?? '0'), 0x410fd493n)
    assert.match(notes, /KVM_CAP_ARM_WRITABLE_IMP_ID_REGS/)
    assert.match(notes, /CNTFRQ_EL0/)
  })
})

describe('cpufeatures import', () => {
  it('makes a host document of a fingerprint, whose verdicts are unproven', () => {
    const { status, stdout, stderr } = runVerb(['import', DUMP])
    assert.equal(status, 0)
    assert.match(stderr, /unproven/)
    const host = hostDocument.parse(JSON.parse(stdout))
    assert.equal(host.cpu.midr, '0x410fd4f1')
    assert.match(host.kernel.release, /^6\.18\./)
    const profile = profileOf({ base: { host: {} }, features: [{ name: 'FEAT_RNG', state: 'Disabled' }] })
    const checked = runVerb(['check', '-f', '-'], `---\n${stdout}---\n${JSON.stringify(profile)}\n`)
    assert.equal(checked.status, 1, checked.stderr)
    assert.match(checked.stdout, /unproven/)
  })

  it('takes what the kernel decides from another host, but for registers of AArch32, which Neoverse V2 has not', () => {
    const { stdout, stderr } = runVerb(['import', DUMP, '--masks', V1])
    const { writableMasks = {}, capabilities } = hostDocument.parse(JSON.parse(stdout))
    assert.notEqual(writableMasks['ID_AA64ISAR0_EL1'], undefined)
    assert.equal(writableMasks['ID_DFR0_EL1'], undefined)
    assert.deepEqual(capabilities, { KVM_CAP_ARM_WRITABLE_IMP_ID_REGS: 1 })
    assert.doesNotMatch(stderr, /can be lowered/)
    const ofN1 = runVerb(['import', 'test/fixtures/firecracker/neoverse-n1-6.18.json', '--masks', V1])
    assert.notEqual(hostDocument.parse(JSON.parse(ofN1.stdout)).writableMasks?.['ID_DFR0_EL1'], undefined)
  })

  it('has the registers as the dump has them', () => {
    const host = hostDocument.parse(JSON.parse(runVerb(['import', DUMP]).stdout))
    assert.equal(host.guestView['ID_AA64ISAR0_EL1'], '0x1221100110212120')
    assert.equal(host.guestView['ID_AA64MMFR2_EL1'], '0x1221011110001011')
  })

  it('offers what a template can be used for, and does both', () => {
    const template = 'test/fixtures/foreign/template.json'
    const { status, stderr } = runVerb(['import', template])
    assert.equal(status, 2)
    assert.match(stderr, /is a CPU template of Firecracker/)
    assert.match(runVerb(['explain', template]).stdout, /^ID_AA64PFR0_EL1 +SVE +0x0/m)
    const profile = runVerb(['import', '--profile', 'fleet', template]).stdout
    const compiled = runVerb(['compile', '-f', '-'], profile)
    assert.equal(compiled.status, 0, compiled.stderr)
    assert.match(compiled.stdout, /pointerAuthentication: Required/)
  })

  it('refuses what is no dump, and names the file', () => {
    const { status, stderr } = runVerb(['import', V1])
    assert.equal(status, 2)
    assert.match(stderr, /neoverse-v1-6\.18\.json is not a dump/)
  })
})
