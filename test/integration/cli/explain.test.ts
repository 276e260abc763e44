import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHostFile, profileOf, runVerb } from './run-verb.ts'

const N1 = fixtureHostFile('neoverse-n1-6.18')
const V1 = fixtureHostFile('neoverse-v1-6.18')

describe('cpufeatures explain', () => {
  it('says where a feature shows, what it needs and what needs it', () => {
    const { status, stdout } = runVerb(['explain', 'FEAT_SHA512'])
    assert.equal(status, 0)
    assert.match(stdout, /^feature +FEAT_SHA512 \(HWCAP sha512\)$/m)
    assert.match(stdout, /^shows +ID_AA64ISAR0_EL1\.SHA2 >= 2$/m)
    assert.match(stdout, /^needs +FEAT_SHA1, FEAT_SHA256$/m)
    assert.match(stdout, /^not applied +FEAT_SHA512 needs FEAT_Crypto \(no ID register tells FEAT_Crypto\)$/m)
  })

  it('takes names as /proc/cpuinfo has them, and says which hosts can hide the feature', () => {
    const { stdout } = runVerb(['explain', 'rng', '--hosts', N1, V1])
    assert.match(stdout, /^on host +neoverse-n1-6\.18: absent$/m)
    assert.match(stdout, /^on host +neoverse-v1-6\.18: present, KVM can hide it$/m)
  })

  it('takes names as compilers and emulators have them', () => {
    for (const [name, feature] of [
      ['+crc', 'FEAT_CRC32'],
      ['neon', 'FEAT_AdvSIMD'],
      ['fullfp16', 'FEAT_FP16'],
      ['rcpc', 'FEAT_LRCPC'],
    ] as const)
      assert.match(runVerb(['explain', name]).stdout, new RegExp(`^feature +${feature} `, 'm'))
    assert.match(runVerb(['explain', 'memtag']).stdout, /^feature +FEAT_MTE\n[^]*^feature +FEAT_MTE2 /m)
  })

  it('says what the CPU that QEMU is told means, and how a profile says it', () => {
    const { status, stdout } = runVerb(['explain', '-cpu', 'host,sve=off,pmu=on'])
    assert.equal(status, 0)
    assert.match(stdout, /^model +host$/m)
    assert.match(stdout, /^sve=off +without FEAT_SVE +vcpuFeatures: \{sve: Disabled\}$/m)
    assert.match(stdout, /^pmu=on +with FEAT_PMUv3 +vcpuFeatures: \{pmu: Required\}$/m)
  })

  it('takes a register as KVM, QEMU, the kernel and people write it', () => {
    const spellings = ['0x603000000013c020', 'SYS_ID_AA64PFR0_EL1', 'id_aa64pfr0', 'S3_0_0_4_0']
    for (const spelling of spellings)
      assert.match(runVerb(['explain', spelling]).stdout, /^ID_AA64PFR0_EL1 \(S3_0_C0_C4_0, /, spelling)
    const valued = runVerb(['explain', 'ID_AA64PFR0_EL1 = 0x1100000011111112', '-o', 'json']).stdout
    const { fields } = JSON.parse(valued) as { fields: { field: string; value: string }[] }
    assert.equal(fields.find(({ field }) => field === 'EL0')?.value, '0x2')
    // QEMU has a property of this name, which is the register.
    assert.match(runVerb(['explain', 'midr']).stdout, /^MIDR_EL1 \(S3_0_C0_C0_0, /)
  })

  it('takes a register and its value in several words, as a shell makes them of a line', () => {
    const { stdout } = runVerb(['explain', 'MIDR_EL1=0x410fd4f1'])
    const words = [
      ['MIDR_EL1', '=', '0x410fd4f1'],
      ['MIDR_EL1:', '0x410fd4f1'],
      ['MIDR_EL1', '0x410fd4f1'],
    ]
    for (const subjects of words) assert.equal(runVerb(['explain', ...subjects]).stdout, stdout)
    assert.match(runVerb(['explain', 'MIDR_EL1', '0x603000000013c020']).stdout, /^ID_AA64PFR0_EL1 /m)
  })

  it('takes a field as findings name it', () => {
    const { stdout } = runVerb(['explain', 'ID_AA64ISAR0_EL1.RNDR', '-o', 'json'])
    const { fields } = JSON.parse(stdout) as { fields: { field: string; features: string[] }[] }
    assert.deepEqual(
      fields.map(({ field, features }) => [field, ...features]),
      [['RNDR', 'FEAT_RNG']],
    )
  })

  it('says of what comes with a vCPU feature that it does, and not that it is absent', () => {
    const hosts = ['neoverse-v1-6.18', 'neoverse-n1-6.18', 'max-mte-nested-6.18']
    const said = (name: string): readonly string[] => {
      const { stdout } = runVerb(['explain', name, '-o', 'json', '--hosts', ...hosts.map(fixtureHostFile)])
      const explained = [JSON.parse(stdout)].flat() as {
        hosts: { state: string; vcpuFeatures?: string[] }[]
      }[]
      return (explained[0]?.hosts ?? []).map(({ state, vcpuFeatures = [] }) =>
        [state, ...vcpuFeatures].join(' '),
      )
    }
    const withFeature = (name: string): string => `with-vcpu-feature ${name}`
    assert.deepEqual(said('sve'), [withFeature('sve'), 'absent', withFeature('sve')])
    const pac = withFeature('pointerAuthentication')
    assert.deepEqual(said('paca'), [pac, 'absent', pac])
    assert.deepEqual(said('FEAT_PMUv3'), [withFeature('pmu'), withFeature('pmu'), withFeature('pmu')])
    assert.deepEqual(said('mte'), ['absent', 'absent', withFeature('mte')])
    assert.deepEqual(said('FEAT_AA64EL2'), ['absent', 'absent', withFeature('el2')])
  })

  it('says unknown where the document does not tell, and never absent', () => {
    const imported = runVerb(['import', 'test/fixtures/foreign/cpuinfo-cortex-a72.txt']).stdout
    const dumped = runVerb(['import', 'test/fixtures/firecracker/neoverse-v1-6.18.json']).stdout
    const onHost = (name: string, host: string): string =>
      runVerb(['explain', name, '--hosts', '-'], host).stdout.replaceAll(/\s+/g, ' ')
    assert.match(
      onHost('sve', dumped),
      /stdin: unknown: nobody asked whether its KVM gives the vCPU feature sve/,
    )
    assert.match(
      onHost('crc32', imported),
      /unknown: the document has no ID_AA64ISAR0_EL1; the host itself has it/,
    )
    assert.match(onHost('FEAT_RNG', dumped), /stdin: present; unknown whether KVM can hide it/)
    const host = runVerb(['explain', '-'], dumped).stdout
    assert.match(host, /^MIDR_EL1 +nobody knows whether it can be levelled: KVM was not asked$/m)
    assert.doesNotMatch(host, /before 6\.15/)
  })

  it('says why a feature cannot be hidden', () => {
    const { stdout } = runVerb(['explain', 'FEAT_IDST', '--hosts', V1])
    assert.match(stdout, /present, KVM cannot hide it\n +- ID_AA64MMFR2_EL1\.IDS/)
  })

  it('takes a value of a register apart', () => {
    const { stdout } = runVerb(['explain', 'ID_AA64ISAR0_EL1=0x1000000000000020', '-o', 'json'])
    const { fields } = JSON.parse(stdout) as {
      fields: { field: string; bits: string; value: string; features: string[] }[]
    }
    const rndr = fields.find(({ field }) => field === 'RNDR')
    assert.deepEqual([rndr?.bits, rndr?.value, rndr?.features], ['63:60', '0x1', ['FEAT_RNG']])
    const aes = fields.find(({ field }) => field === 'AES')
    assert.deepEqual([aes?.value, aes?.features], ['0x2', ['FEAT_AES', 'FEAT_PMULL']])
    assert.deepEqual(fields.find(({ field }) => field === 'DP')?.features, [])
  })

  it('names the CPU of a MIDR_EL1', () => {
    const { status, stdout } = runVerb(['explain', 'MIDR_EL1=0x410fd4f1'])
    assert.equal(status, 0)
    assert.match(stdout, /^This value names the CPU Arm Neoverse-V2 r0p1\.$/m)
    assert.match(stdout, /^Implementer +31:24 +0x41 Arm /m)
    assert.match(stdout, /^PartNum +15:4 +0xd4f Neoverse-V2 /m)
    assert.match(runVerb(['explain', 'MIDR_EL1=0x411fdaa0']).stdout, /names the CPU Arm 0xdaa r1p0\./)
  })

  it('shows a register of hosts with its mask', () => {
    const { stdout } = runVerb(['explain', 'S3_0_C0_C6_0', '--hosts', V1])
    assert.match(stdout, /^ID_AA64ISAR0_EL1 \(S3_0_C0_C6_0, KVM register 0x603000000013c030\)$/m)
    assert.match(stdout, /^neoverse-v1-6\.18 +0x1011111110212120 +0x[0-9a-f]+$/m)
  })

  it('describes a host as its guests see it', () => {
    const { stdout } = runVerb(['explain', V1])
    assert.match(stdout, /^CPU +Neoverse-V1/m)
    assert.match(stdout, /FEAT_RNG/)
    assert.match(stdout, /^counter +62500000 Hz$/m)
    assert.match(stdout, /^with vCPU f\. .*FEAT_SVE/m)
  })

  it('shows what a profile comes to, with what was done beyond', () => {
    const profile = profileOf({
      base: { host: {} },
      features: [{ name: 'FEAT_SHA256', state: 'Disabled' }],
    })
    const { status, stdout } = runVerb(['explain', '-'], profile)
    assert.equal(status, 0)
    assert.match(stdout, /^ID_AA64ISAR0_EL1 +SHA2 +0x0/m)
    assert.match(stdout, /FEAT_SHA512/)
  })

  it('offers the nearest names for what it does not know', () => {
    const { status, stderr } = runVerb(['explain', 'FEAT_RGN'])
    assert.equal(status, 2)
    assert.match(stderr, /the nearest names are FEAT_RNG/)
    assert.match(runVerb(['explain', 'ID_AA64ISAR0_EL2']).stderr, /the nearest names are ID_AA64ISAR0_EL1/)
  })
})
