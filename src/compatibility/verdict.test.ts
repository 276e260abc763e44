import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compile, compiled } from '../../test/fixtures/compile-result.ts'
import { classOf, fixtureHosts } from '../../test/fixtures/host-documents.ts'
import { resolvedPlan } from '../../test/fixtures/resolved-plan.ts'
import { samplePlan } from '../../test/fixtures/sample-plan.ts'
import type { CpuFeatureProfileSpecInput } from '../api/cpu-feature-profile.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { fieldMask, getField, signedValue } from '../arm64/field.ts'
import type { CompileResult } from '../profile/compile-result.ts'
import { revisionName } from '../plan/revision-name.ts'
import { SPECIFIABLE_REGISTERS } from '../plan/specifiable.ts'
import { hostClass } from './host-class.ts'
import { reach } from './reach.ts'
import { verdict } from './verdict.ts'

const HOSTS = fixtureHosts()
const NAMES = [...HOSTS.keys()]

const host = (name: string): HostDocument => HOSTS.get(name) ?? assert.fail(name)

const EVERYTHING_TOLERATED: Partial<CpuFeatureProfileSpecInput> = {
  implementation: { midr: 'FromBaseline' },
  tolerate: { features: ['FEAT_IDST'], surplus: 'AcceptOneWay' },
}

const compileFor = (
  names: readonly string[],
  input: Partial<CpuFeatureProfileSpecInput> = EVERYTHING_TOLERATED,
): CompileResult =>
  compile(
    input,
    names.map((name) => classOf(host(name))),
  )

const planOf = (...args: Parameters<typeof compileFor>): Plan => compiled(compileFor(...args)).plan

const reasons = (plan: Plan, document: HostDocument): readonly string[] => {
  const result = verdict(plan, document)
  if (result.kind === 'compatible') return []
  return result.findings.map(({ reason, register, field }) =>
    [reason, register, field].filter(Boolean).join(' '),
  )
}

/** The fields, lower-safe and specified by both plans, of which the later one shows more. */
const raised = (earlier: Plan, later: Plan): readonly string[] =>
  SPECIFIABLE_REGISTERS.flatMap(({ name, fields }) => {
    const [before, after] = [earlier, later].map((plan) => resolvedPlan(plan).byName.get(name))
    if (name === 'CLIDR_EL1' || before === undefined || after === undefined) return []
    return fields
      .filter((field) => field.rule === 'LowerSafe')
      .filter((field) => (before.mask & after.mask & fieldMask(field)) === fieldMask(field))
      .filter(
        (field) =>
          signedValue(field, getField(after.value, field)) >
          signedValue(field, getField(before.value, field)),
      )
      .map((field) => `${name}.${field.name}`)
  })

const PAIRS = NAMES.flatMap((a, index) => NAMES.slice(index + 1).map((b) => [a, b] as const))

describe('plans of every pair of real hosts', () => {
  const plans = PAIRS.flatMap((pair) => {
    const result = compileFor(pair)
    return result.kind === 'compiled' ? [{ pair, ...result }] : []
  })

  it('exist for most pairs once differences are tolerated', () => {
    assert.ok(plans.length > PAIRS.length / 2, `${plans.length} of ${PAIRS.length}`)
  })

  it('fit every member of their baseline', () => {
    for (const { pair, plan, baseline } of plans) {
      const members = pair.filter((name) => baseline?.classes.includes(hostClass(host(name))))
      assert.ok(members.length > 0)
      for (const name of members)
        assert.deepEqual(reasons(plan, host(name)), [], `${pair.join('+')} on ${name}`)
    }
  })

  it('do not depend on the order of the hosts', () => {
    for (const { pair, plan } of plans) {
      assert.equal(revisionName('p', planOf(pair.toReversed())), revisionName('p', plan), pair.join('+'))
    }
  })

  it('reach both ways or one way between members, and never between others', () => {
    for (const { pair, plan, baseline } of plans) {
      const [a, b] = [host(pair[0]), host(pair[1])]
      const both = baseline?.classes.length === 2 || hostClass(a) === hostClass(b)
      const { kind } = reach(plan, a, b)
      if (!both) assert.equal(kind, 'never', pair.join('+'))
    }
  })

  it('never show more of a field when a third host is added', () => {
    let compared = 0
    for (const { pair, plan, baseline } of plans) {
      for (const third of NAMES) {
        const more = compileFor([...pair, third])
        if (more.kind !== 'compiled') continue
        const before = baseline?.classes ?? []
        if (!before.every((name) => more.baseline?.classes.includes(name))) continue
        compared += 1
        assert.deepEqual(raised(plan, more.plan), [], `${pair.join('+')}+${third}`)
      }
    }
    assert.ok(compared > 100, `${compared} compared`)
  })
})

describe('verdict', () => {
  const plan = planOf(['neoverse-v1-6.18', 'neoverse-n2-6.18'])

  it('finds another counter frequency incompatible, and nothing else on the same CPU', () => {
    assert.deepEqual(reasons(plan, host('neoverse-n2-1ghz-6.18')), ['CounterFrequencyDiffers CNTFRQ_EL0'])
  })

  it('finds an unknown counter frequency and DCZID_EL0 incompatible', () => {
    const unknown = { ...host('neoverse-n2-6.18') }
    delete unknown.counterFrequency
    delete unknown.dczid
    assert.deepEqual(reasons(plan, unknown), [
      'CounterFrequencyUnknown CNTFRQ_EL0',
      'ZeroBlockSizeUnknown DCZID_EL0',
    ])
  })

  it('finds a kernel before 6.15 unable to show another MIDR, with the remedy', () => {
    const result = verdict(plan, host('neoverse-v1-6.12'))
    const finding =
      result.kind === 'incompatible'
        ? result.findings.find(({ reason }) => reason === 'ImplementationIdNotWritable')
        : undefined
    assert.match(finding?.remedy ?? '', /Linux 6\.15/)
    assert.deepEqual([finding?.wanted, finding?.limit], ['0x410fd493', '0x411fd402'])
  })

  it('names each field that is above the limit, and each that cannot be written', () => {
    const found = reasons(plan, host('neoverse-n1-6.18'))
    assert.ok(found.includes('FieldAboveLimit ID_AA64ISAR0_EL1 RNDR'))
    assert.ok(found.includes('FieldAboveLimit ID_AA64MMFR2_EL1 EVT'))
    const n1 = planOf(['neoverse-n1-6.18'])
    assert.deepEqual(
      reasons(n1, host('neoverse-v1-6.18')).filter((reason) => reason.startsWith('FieldNotWritable')),
      ['EVT', 'FWB', 'IDS'].map((field) => `FieldNotWritable ID_AA64MMFR2_EL1 ${field}`),
    )
  })

  it('finds a required vCPU feature missing and stops there', () => {
    const sve = planOf(['neoverse-v1-6.18'], { base: { host: {} }, vcpuFeatures: { sve: 'Required' } })
    assert.deepEqual(reasons(sve, host('neoverse-n1-6.18')), ['VcpuFeatureMissing'])
    assert.deepEqual(reasons(sve, host('neoverse-v1-6.18')), [])
  })

  it('finds SVE vector lengths that a host cannot have', () => {
    const sve = planOf(['neoverse-v1-6.18'], { vcpuFeatures: { sve: 'Required' } })
    assert.deepEqual(sve.sveVectorLengths, [128, 256])
    assert.ok(reasons(sve, host('neoverse-n2-6.18')).includes('SveVectorLengthsDiffer'))
  })

  it('says that more SVE vector lengths are wanted than a finding has room for', () => {
    const sve = planOf(['neoverse-v1-6.18'], { vcpuFeatures: { sve: 'Required' } })
    const lengths = Array.from({ length: 16 }, (_, index) => 128 * (index + 1))
    const judged = verdict({ ...sve, sveVectorLengths: lengths }, host('neoverse-v1-6.18'))
    const found = judged.kind === 'compatible' ? [] : judged.findings
    const { wanted = '' } = found.find(({ reason }) => reason === 'SveVectorLengthsDiffer') ?? {}
    assert.match(wanted, /^128, 256, .*\d{3,4}, …$/)
    assert.ok(wanted.length <= 64)
  })

  it('judges fields of a vCPU feature left to the VMM only on hosts that have it', () => {
    const noSve2 = planOf([], {
      base: { host: {} },
      features: [{ name: 'FEAT_SVE2', state: 'Disabled' }],
    })
    for (const name of ['neoverse-v1-6.18', 'neoverse-n2-6.18', 'neoverse-n1-6.18', 'max-6.18']) {
      assert.deepEqual(reasons(noSve2, host(name)), [], name)
    }
  })

  it('judges such fields at the limit that they have with the vCPU feature', () => {
    const field = { register: 'ID_AA64DFR0_EL1', mask: '0xf00', value: '0x700' }
    const bare = planOf([], { base: { host: {} } })
    assert.deepEqual(reasons({ ...bare, registers: [field] }, host('neoverse-v1-6.18')), [
      'FieldAboveLimit ID_AA64DFR0_EL1 PMUVer',
    ])
    const disabled = { ...bare, registers: [{ ...field, value: '0x0' }] }
    assert.deepEqual(reasons(disabled, host('neoverse-v1-6.18')), [])
  })

  it('names the tolerated differences of a host that fits', () => {
    const tolerated = planOf(['neoverse-n1-6.18', 'neoverse-v1-6.18'])
    const result = verdict(tolerated, host('neoverse-v1-6.18'))
    assert.deepEqual(result.kind === 'compatible' && result.tolerated.map(({ field }) => field), [
      'EVT',
      'FWB',
      'IDS',
    ])
  })

  it('lets a trial decide where KVM does otherwise than the rules say', () => {
    const document = host('neoverse-v1-6.18')
    const limit = document.guestView['ID_AA64ISAR0_EL1'] ?? ''
    const noRng = planOf([], { base: { host: {} }, features: [{ name: 'FEAT_RNG', state: 'Disabled' }] })
    const value = `0x${(BigInt(limit) & ~(15n << 60n)).toString(16)}`
    const tried = {
      ...document,
      deviations: [{ vcpuFeatures: [], register: 'ID_AA64ISAR0_EL1', value, errno: 'EINVAL' }],
    }
    assert.deepEqual(reasons(noRng, document), [])
    assert.deepEqual(reasons(noRng, tried), ['FieldValueRefused ID_AA64ISAR0_EL1 RNDR'])
  })
})

describe('a tolerated difference', () => {
  const names = ['cortex-a72-6.18', 'neoverse-n1-6.18']
  const plan = planOf(names)
  const promising = (field: string, value: number): Plan => ({
    ...plan,
    tolerated: plan.tolerated.map((entry) => (entry.field === field ? { ...entry, value } : entry)),
  })

  it('says what was promised, which is what the poorest member has', () => {
    const surplus = plan.tolerated.filter(({ kind }) => kind === 'Surplus')
    assert.deepEqual(
      surplus.map(({ field, value }) => [field, value]),
      [
        ['AdvSIMD', 0],
        ['FP', 0],
      ],
    )
    for (const name of names) assert.deepEqual(reasons(plan, host(name)), [])
  })

  it('keeps a host out that has less of a surplus than was promised', () => {
    const more = promising('FP', 1)
    assert.deepEqual(reasons(more, host('cortex-a72-6.18')), ['FieldAboveLimit ID_AA64PFR0_EL1 FP'])
    assert.deepEqual(reasons(more, host('neoverse-n1-6.18')), [])
  })
})

describe('hostClass', () => {
  it('is the same for another boot, kernel release and order of keys', () => {
    const document = host('neoverse-v1-6.18')
    const other = {
      ...Object.fromEntries(Object.entries(document).toReversed()),
      kernel: { release: '9.9', bootID: 'x' },
    } as HostDocument
    assert.equal(hostClass(other), hostClass(document))
    assert.match(hostClass(document), /^[0-9a-f]{10}$/)
  })

  it('is another for whatever decides compatibility', () => {
    const document = host('neoverse-v1-6.18')
    const changed: readonly Partial<HostDocument>[] = [
      { counterFrequency: 1 },
      { dczid: '0x5' },
      { guestView: { ...document.guestView, ID_AA64ISAR0_EL1: '0x0' } },
      { writableMasks: {} },
      { capabilities: {} },
      { firmwareRegisters: {} },
      { sveVectorLengths: [] },
      { registerList: { added: ['0x1'], removed: [] } },
      { configurations: [] },
      { deviations: [{ vcpuFeatures: [], register: 'CTR_EL0', value: '0x0', errno: 'EINVAL' }] },
    ]
    const classes = changed.map((part) => hostClass({ ...document, ...part }))
    assert.equal(new Set([hostClass(document), ...classes]).size, changed.length + 1)
  })
})

describe('a register that KVM hides', () => {
  const document = host('neoverse-v1-6.18')
  const guestView = { ...document.guestView }
  delete guestView['ID_AA64ISAR2_EL1']
  const hides = { ...document, guestView }
  const NO_SERVICES = { register: 'KVM_REG_ARM_VENDOR_HYP_BMAP_2', value: '0x0' }
  const withoutServices = { ...document, firmwareRegisters: {} }
  const wants = (value: string, more: Partial<Plan> = {}): Plan =>
    samplePlan({ registers: [{ register: 'ID_AA64ISAR2_EL1', mask: '0xf', value }], ...more })

  it('reads as zero in guests, so a plan that wants zero there fits', () => {
    assert.deepEqual(reasons(wants('0x0'), hides), [])
    assert.deepEqual(reasons(samplePlan({ firmwareRegisters: [NO_SERVICES] }), withoutServices), [])
  })

  it('cannot be anything else, whether or not a stream carries it', () => {
    assert.deepEqual(reasons(wants('0x1'), hides), ['RegisterMissing ID_AA64ISAR2_EL1'])
    const registerList = { exclude: ['0x603000000013c032'] }
    assert.deepEqual(reasons(wants('0x1', { registerList }), hides), ['RegisterMissing ID_AA64ISAR2_EL1'])
    const firmwareRegisters = [{ ...NO_SERVICES, value: '0x1' }]
    assert.deepEqual(reasons(samplePlan({ firmwareRegisters }), withoutServices), [
      'FirmwareRegisterMissing KVM_REG_ARM_VENDOR_HYP_BMAP_2',
    ])
  })
})

describe('a plan that names what this version does not know', () => {
  const unknown = samplePlan({
    registers: [{ register: 'ID_AA64NEW9_EL1', mask: '0x1', value: '0x0' }],
    atMost: [{ register: 'ID_AA64ISAR0_EL1', field: 'NEW', value: 1 }],
    requiredFeatures: ['FEAT_NEW9'],
  })

  it('fits no host, and the verdict names all of it', () => {
    const judged = verdict(unknown, host('neoverse-v1-6.18'))
    assert.ok(judged.kind === 'incompatible')
    assert.deepEqual(
      judged.findings.map(({ reason, register, field, wanted }) => [reason, register, field, wanted]),
      [
        ['UnknownRegister', 'ID_AA64NEW9_EL1', undefined, undefined],
        ['UnknownRegister', 'ID_AA64ISAR0_EL1', 'NEW', undefined],
        ['UnknownRegister', undefined, undefined, 'FEAT_NEW9'],
      ],
    )
  })

  it('lets nothing move', () => {
    const [a, b] = [host('neoverse-v1-6.18'), host('neoverse-n2-6.18')]
    assert.equal(reach(unknown, a, b).kind, 'never')
  })
})
