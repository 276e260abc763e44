import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IDST, MIDR, N1, N2, N2_1GHZ, V1 } from '../../test/fixtures/compile-input.ts'
import { baselineOf, compile, compiled, message, valueOf } from '../../test/fixtures/compile-result.ts'
import { fixtureClass } from '../../test/fixtures/host-documents.ts'
import { fromHex64 } from '../api/hex64.ts'
import { plan as planSchema } from '../api/plan.ts'
import { registerByName } from '../arm64/register.ts'
import { revisionName } from '../plan/revision-name.ts'

const V1_612 = fixtureClass('neoverse-v1-6.12')
const A72 = fixtureClass('cortex-a72-6.18')

describe('compileProfile with base nodes', () => {
  // The values of the plan under which a guest migrated between these two models on real KVM and booted again. That VMM had a
  // PMU: its PMUVer and PerfMon fields are left out here, and so is GIC.
  it('finds the view that Neoverse V1 and N2 can both show by writing alone', () => {
    const { plan } = compiled(compile(MIDR, [V1, N2]))
    assert.deepEqual(
      [
        ['ID_ISAR6_EL1', '0x1100111'],
        ['ID_AA64PFR0_EL1', '0x1101000020110112'],
        ['ID_AA64PFR1_EL1', '0x20'],
        ['ID_AA64DFR0_EL1', '0xf010305009'],
        ['ID_AA64ISAR0_EL1', '0x1011111110212120'],
        ['ID_AA64ISAR1_EL1', '0x11100000211002'],
        ['ID_AA64MMFR0_EL1', '0x11100101125'],
        ['ID_AA64MMFR2_EL1', '0x220011100001011'],
      ].map(([name = '', value]) => [name, value, valueOf(plan, name)]),
      [
        ['ID_ISAR6_EL1', '0x1100111'],
        ['ID_AA64PFR0_EL1', '0x1101000020110112'],
        ['ID_AA64PFR1_EL1', '0x20'],
        ['ID_AA64DFR0_EL1', '0xf010305009'],
        ['ID_AA64ISAR0_EL1', '0x1011111110212120'],
        ['ID_AA64ISAR1_EL1', '0x11100000211002'],
        ['ID_AA64MMFR0_EL1', '0x11100101125'],
        ['ID_AA64MMFR2_EL1', '0x220011100001011'],
      ].map(([name = '', value]) => [name, value, value]),
    )
    assert.deepEqual(plan.tolerated, [])
    assert.deepEqual(plan.registerList.exclude, [])
    assert.deepEqual(plan.implementation, { midr: '0x410fd493', revidr: '0x0', aidr: '0x0' })
  })

  it('specifies every bit but the interrupt controller, registers that read as zero included', () => {
    const { plan } = compiled(compile(MIDR, [V1, N2]))
    const masks = new Map(plan.registers.map(({ register, mask }) => [register, mask]))
    assert.equal(masks.get('ID_AA64PFR0_EL1'), '0xfffffffff0ffffff')
    assert.equal(masks.get('ID_PFR1_EL1'), '0xffffffff0fffffff')
    assert.equal(masks.get('S3_0_C0_C3_3'), '0xffffffffffffffff')
    assert.equal(masks.has('MPIDR_EL1'), false)
    assert.equal(masks.has('MIDR_EL1'), false)
    assert.ok(planSchema.safeParse(plan).success)
  })

  it('does not compile Neoverse N1 with V1 unless FEAT_IDST is named, and says so', () => {
    const result = compile(MIDR, [N1, V1])
    assert.ok(result.kind === 'not-compiled')
    assert.deepEqual(
      result.findings.map(({ reason, register, field }) => [reason, register, field]),
      [['FieldNotLevelable', 'ID_AA64MMFR2_EL1', 'IDS']],
    )
    assert.match(result.findings[0]?.remedy ?? '', /`tolerate: \{features: \[FEAT_IDST\]\}`/)
  })

  it('leaves MMFR2 out of the list for Neoverse N1 with V1, with EVT and FWB inert and IDS named', () => {
    const { plan } = compiled(compile({ ...MIDR, ...IDST }, [N1, V1]))
    assert.deepEqual(plan.registerList.exclude, ['0x603000000013c03a'])
    assert.deepEqual(
      plan.tolerated.map(({ field, kind }) => [field, kind]),
      [
        ['EVT', 'Inert'],
        ['FWB', 'Inert'],
        ['IDS', 'Named'],
      ],
    )
    const mmfr2 = plan.registers.find(({ register }) => register === 'ID_AA64MMFR2_EL1')
    assert.deepEqual(mmfr2, { register: 'ID_AA64MMFR2_EL1', mask: '0xf0fff00fffffffff', value: '0x1011' })
    assert.equal(valueOf(plan, 'ID_AA64PFR0_EL1'), '0x1100000010110112')
    assert.equal(valueOf(plan, 'CTR_EL0'), '0x9444c004')
  })

  it('goes below the minimum where a trial showed that a host does not take it', () => {
    const limit = BigInt(V1.host.guestView['ID_AA64PFR0_EL1'] ?? 0)
    const value = `0x${((limit & ~(15n << 28n)) | (1n << 28n)).toString(16)}`
    const deviations = [{ vcpuFeatures: [], register: 'ID_AA64PFR0_EL1', value, errno: 'EINVAL' }]
    const picky = { ...V1, host: { ...V1.host, deviations } }
    const { plan } = compiled(compile({ ...MIDR, ...IDST }, [N1, picky]))
    assert.equal(valueOf(plan, 'ID_AA64PFR0_EL1'), '0x1100000000110112')
  })

  it('refuses inert differences where the profile says so', () => {
    const result = compile({ ...MIDR, tolerate: { inert: 'Refuse', features: ['FEAT_IDST'] } }, [N1, V1])
    assert.deepEqual(result.kind === 'not-compiled' && result.findings.map(({ field }) => field), [
      'EVT',
      'FWB',
    ])
  })

  it('levels kernels 6.12 and 6.18 of one CPU: PSCI version, register list, NV', () => {
    const { plan } = compiled(compile({}, [V1_612, V1]))
    assert.deepEqual(plan.registerList.exclude, [
      '0x603000000013c03a',
      '0x603000000013c103',
      '0x603000000013c512',
      '0x603000000013c513',
      '0x6030000000160003',
    ])
    assert.deepEqual(plan.firmwareRegisters[0], { register: 'KVM_REG_ARM_PSCI_VERSION', value: '0x10001' })
    assert.deepEqual(plan.tolerated, [{ register: 'ID_AA64MMFR2_EL1', field: 'NV', kind: 'Inert', value: 0 }])
    assert.equal(plan.implementation, undefined)
  })

  it('takes half precision as a surplus where the profile accepts one way', () => {
    const refused = compile(MIDR, [A72, N1])
    assert.deepEqual(refused.kind === 'not-compiled' && refused.findings.map(({ field }) => field), [
      'AdvSIMD',
      'FP',
    ])
    const { plan } = compiled(compile({ ...MIDR, tolerate: { surplus: 'AcceptOneWay' } }, [A72, N1]))
    assert.deepEqual(
      plan.tolerated.filter(({ kind }) => kind === 'Surplus').map(({ field }) => field),
      ['AdvSIMD', 'FP'],
    )
  })

  it('leaves out of the baseline what guests read untrapped at another value, and says so', () => {
    const { plan, baseline, notes } = compiled(compile(MIDR, [N2_1GHZ, N2, V1]))
    assert.equal(plan.untrapped.counterFrequency, 62_500_000)
    assert.deepEqual(baseline?.classes, ['neoverse-n2-6.18', 'neoverse-v1-6.18'])
    assert.match(notes.join('\n'), /neoverse-n2-1ghz-6\.18 .*left out.*1000000000 Hz/)
  })

  it('names the members whose MIDR is hidden, and hides none where the profile does not say so', () => {
    assert.deepEqual(baselineOf(compile(MIDR, [V1, N2])).hiddenMidrs, ['0x411fd402'])
    assert.deepEqual(baselineOf(compile({}, [V1, N2])).hiddenMidrs, [])
  })

  it('cannot show a foreign MIDR on a kernel before 6.15', () => {
    const result = compile(MIDR, [N2, V1_612])
    assert.equal(result.kind, 'not-compiled')
  })

  it('disables every vCPU feature that is not required, and says so where the profile says Allowed', () => {
    const { plan, notes } = compiled(compile({ vcpuFeatures: { pmu: 'Allowed' } }, [V1]))
    assert.deepEqual(new Set(Object.values(plan.vcpuFeatures)), new Set(['Disabled']))
    assert.match(notes.join('\n'), /vcpuFeatures\.pmu is Disabled/)
  })

  it('shows the fields of a required vCPU feature and levels SVE vector lengths', () => {
    const { plan } = compiled(compile({ ...MIDR, vcpuFeatures: { sve: 'Required' } }, [V1, N2]))
    assert.equal((fromHex64(valueOf(plan, 'ID_AA64PFR0_EL1') ?? '0x0') >> 32n) & 15n, 1n)
    assert.deepEqual(plan.sveVectorLengths, [128])
  })

  it('disables a feature and its dependents', () => {
    const { plan, notes } = compiled(
      compile({ ...MIDR, features: [{ name: 'FEAT_AES', state: 'Disabled' }] }, [V1, N2]),
    )
    assert.equal((fromHex64(valueOf(plan, 'ID_AA64ISAR0_EL1') ?? '0x0') >> 4n) & 15n, 0n)
    assert.equal((fromHex64(valueOf(plan, 'ID_ISAR5_EL1') ?? '0x0') >> 4n) & 15n, 0n)
    assert.match(notes.join('\n'), /FEAT_PMULL/)
    assert.match(
      notes.join('\n'),
      /^not applied: .*FEAT_Crypto needs FEAT_AES or FEAT_SHA1 \(no ID register tells FEAT_Crypto\)/m,
    )
  })

  it('disables the same in AArch32 registers whatever the order of the entries', () => {
    const disabled = ['FEAT_AA32EL0', 'FEAT_AA32BF16'].map((name) => ({ name, state: 'Disabled' as const }))
    for (const features of [disabled, disabled.toReversed()]) {
      const { plan } = compiled(compile({ features }, [fixtureClass('neoverse-v1-7.3')]))
      assert.equal(valueOf(plan, 'ID_ISAR6_EL1'), '0x1000111')
    }
  })

  it('keeps hosts without a required feature out of the baseline', () => {
    const spec = { ...MIDR, features: [{ name: 'FEAT_RNG', state: 'Required' as const }] }
    assert.deepEqual(baselineOf(compile(spec, [V1, N1])).classes, ['neoverse-v1-6.18'])
    assert.equal(message(compile(spec, [N1]), 'NoMember').includes('FEAT_RNG'), true)
  })
})

describe('revisionName', () => {
  it('hashes the plan alone, so a changed note or baseline makes no new revision', () => {
    const { plan } = compiled(compile(MIDR, [V1, N2]))
    const name = revisionName('mixed', plan)
    assert.match(name, /^mixed-[0-9a-f]{10}$/)
    assert.equal(revisionName('mixed', structuredClone(plan)), name)
    assert.notEqual(revisionName('mixed', { ...plan, enforcement: 'BestEffort' }), name)
  })
})

describe('registers of a compiled plan', () => {
  it('are all known, with no value outside their mask', () => {
    for (const { register, mask, value } of compiled(compile(MIDR, [V1, N2])).plan.registers) {
      assert.ok(registerByName(register))
      assert.equal(fromHex64(value) & ~fromHex64(mask), 0n)
    }
  })
})
