import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MIDR, N2, V1 } from '../../test/fixtures/compile-input.ts'
import { baselineOf, compile, compiled, message, valueOf } from '../../test/fixtures/compile-result.ts'
import type { CpuFeatureProfileSpecInput } from '../api/cpu-feature-profile.ts'
import type { CompileResult } from './compile-result.ts'

describe('compileProfile with base view', () => {
  it('gives the plan of the baseline it was printed from', () => {
    const nodes = compiled(compile(MIDR, [V1, N2]))
    const { registers, firmwareRegisters, registerList, untrapped } = baselineOf(nodes)
    const view = {
      registers,
      firmwareRegisters: Object.fromEntries(firmwareRegisters.map((entry) => [entry.register, entry.value])),
      registerList,
      untrapped,
    }
    const { plan, notes } = compiled(compile({ ...MIDR, base: { view } }))
    assert.deepEqual(plan, nodes.plan)
    assert.deepEqual(notes, [])
  })

  it('specifies registers it does not name as zero and says so', () => {
    const { plan, notes } = compiled(
      compile({ base: { view: { registers: { ID_AA64ISAR0_EL1: '0x110' } } } }),
    )
    assert.equal(valueOf(plan, 'ID_AA64ISAR0_EL1'), '0x110')
    assert.equal(valueOf(plan, 'ID_AA64ISAR1_EL1'), '0x0')
    assert.equal(valueOf(plan, 'CTR_EL0'), undefined)
    assert.match(notes.join('\n'), /specified as zero/)
  })

  it('says that guests do not see its MIDR_EL1 unless the profile asks for that', () => {
    const base = { view: { registers: { MIDR_EL1: '0x410fd490' } } }
    assert.match(
      compiled(compile({ base })).notes.join('\n'),
      /MIDR_EL1 0x410fd490, but guests see that of their/,
    )
    assert.doesNotMatch(compiled(compile({ ...MIDR, base })).notes.join('\n'), /MIDR_EL1/)
  })

  it('names the place of a register nobody knows', () => {
    const result = compile({ base: { view: { registers: { ID_AA64ISAR9_EL1: '0x0' } } } })
    assert.match(
      message(result, 'UnknownRegister'),
      /spec\.base\.view\.registers\.ID_AA64ISAR9_EL1.*ID_AA64ISAR0_EL1/,
    )
  })
})

describe('compileProfile with base host', () => {
  const onHost = (input: Partial<CpuFeatureProfileSpecInput>): CompileResult =>
    compile({ base: { host: {} }, ...input })

  it('specifies what the profile names and nothing else', () => {
    const { plan } = compiled(onHost({ features: [{ name: 'FEAT_RNG', state: 'Disabled' }] }))
    assert.deepEqual(plan.registers, [
      { register: 'ID_AA64ISAR0_EL1', mask: '0xf000000000000000', value: '0x0' },
    ])
    assert.deepEqual([plan.vcpuFeatures, plan.untrapped, plan.firmwareRegisters], [{}, {}, []])
  })

  it('accepts HWCAP names and single fields as numbers or hex strings', () => {
    const { plan } = compiled(
      onHost({
        features: [{ name: 'asimddp', state: 'Disabled' }],
        registers: [
          { register: 'ID_AA64MMFR0_EL1', field: 'PARange', value: 2 },
          { register: 'ID_AA64MMFR1_EL1', field: 'SpecSEI', value: '0x1' },
        ],
      }),
    )
    assert.deepEqual(
      plan.registers.filter(({ register }) => register.startsWith('ID_AA64')),
      [
        { register: 'ID_AA64ISAR0_EL1', mask: '0xf00000000000', value: '0x0' },
        { register: 'ID_AA64MMFR0_EL1', mask: '0xf', value: '0x2' },
        { register: 'ID_AA64MMFR1_EL1', mask: '0xf000000', value: '0x1000000' },
      ],
    )
  })

  it('disables the vCPU feature behind FEAT_SVE, FEAT_PAuth and FEAT_PMUv3', () => {
    for (const [name, feature] of [
      ['FEAT_SVE', 'sve'],
      ['FEAT_PAuth', 'pointerAuthentication'],
      ['FEAT_PMUv3', 'pmu'],
    ] as const) {
      assert.equal(
        compiled(onHost({ features: [{ name, state: 'Disabled' }] })).plan.vcpuFeatures[feature],
        'Disabled',
      )
    }
  })

  it('brings fields down to what a disabled feature leaves, and no host up to it', () => {
    const { plan } = compiled(onHost({ features: [{ name: 'FEAT_LSE128', state: 'Disabled' }] }))
    assert.ok(plan.registers.every(({ register }) => register !== 'ID_AA64ISAR0_EL1'))
    assert.deepEqual(plan.atMost, [{ register: 'ID_AA64ISAR0_EL1', field: 'ATOMIC', value: 2 }])
  })

  it('requires a feature to be there and takes nothing away for it', () => {
    const { plan } = compiled(onHost({ features: [{ name: 'FEAT_AES', state: 'Required' }] }))
    assert.deepEqual([plan.registers, plan.atMost], [[], undefined])
    assert.deepEqual(plan.requiredFeatures, ['FEAT_AES'])
  })

  it('requires the vCPU feature of what has several forms', () => {
    const { plan } = compiled(onHost({ features: [{ name: 'FEAT_PAuth', state: 'Required' }] }))
    assert.equal(plan.vcpuFeatures.pointerAuthentication, 'Required')
    assert.deepEqual(plan.requiredFeatures, ['FEAT_PAuth'])
  })

  const MISTAKES: readonly [string, Partial<CpuFeatureProfileSpecInput>, string, RegExp][] = [
    [
      'an unknown feature',
      {
        features: [
          { name: 'FEAT_RNG', state: 'Disabled' },
          { name: 'FEAT_RNGG', state: 'Disabled' },
        ],
      },
      'UnknownFeature',
      /spec\.features\[1\]\.name: FEAT_RNGG .*FEAT_RNG/,
    ],
    [
      'an unknown register',
      { registers: [{ register: 'ID_AA64ISAR00_EL1', field: 'RNDR', value: 0 }] },
      'UnknownRegister',
      /spec\.registers\[0\]\.register: .*ID_AA64ISAR0_EL1/,
    ],
    [
      'an unknown field',
      { registers: [{ register: 'ID_AA64ISAR0_EL1', field: 'RNDD', value: 0 }] },
      'UnknownField',
      /spec\.registers\[0\]\.field: .*RNDR/,
    ],
    [
      'a value that does not fit',
      { registers: [{ register: 'ID_AA64ISAR0_EL1', field: 'RNDR', value: 16 }] },
      'ValueTooWide',
      /spec\.registers\[0\]\.value: .*at most 15/,
    ],
    [
      'a field of the interrupt controller',
      { registers: [{ register: 'ID_AA64PFR0_EL1', field: 'GIC', value: 0 }] },
      'NotSpecifiable',
      /interrupt controller/,
    ],
    [
      'a register of the implementation ID',
      { registers: [{ register: 'MIDR_EL1', field: 'PartNum', value: 0 }] },
      'NotSpecifiable',
      /spec\.implementation/,
    ],
    [
      'a required feature whose need is disabled',
      {
        features: [
          { name: 'FEAT_PMULL', state: 'Required' },
          { name: 'FEAT_AES', state: 'Disabled' },
        ],
      },
      'ContradictingEntries',
      /spec\.features\[0\]\.name .* spec\.features\[1\]\.name/,
    ],
    [
      'a field that contradicts a feature',
      {
        features: [{ name: 'FEAT_RNG', state: 'Disabled' }],
        registers: [{ register: 'ID_AA64ISAR0_EL1', field: 'RNDR', value: 1 }],
      },
      'ContradictingEntries',
      /spec\.registers\[0\]/,
    ],
    [
      'two values of one field, however the register and the field are spelled',
      {
        registers: [
          { register: 'ID_AA64ISAR0_EL1', field: 'RNDR', value: 1 },
          { register: 'ID_AA64ISAR0', field: 'rndr', value: 0 },
        ],
      },
      'ContradictingEntries',
      /spec\.registers\[0\] asks for ID_AA64ISAR0_EL1\.RNDR = 1, spec\.registers\[1\] for 0/,
    ],
    [
      'a required feature of a disabled vCPU feature',
      { features: [{ name: 'FEAT_SVE', state: 'Required' }], vcpuFeatures: { sve: 'Disabled' } },
      'ContradictingEntries',
      /vcpuFeatures\.sve/,
    ],
    ['a baseline MIDR without a baseline', MIDR, 'NoBaselineToTakeFrom', /spec\.implementation\.midr/],
    [
      'an architecture version that the tables do not have',
      { base: { architecture: { version: 'v9.9-A' } } },
      'UnknownVersion',
      /spec\.base\.architecture\.version/,
    ],
  ]
  it('takes a field that is asked for twice with the same value', () => {
    const entry = { register: 'ID_AA64ISAR0_EL1', field: 'RNDR', value: 0 }
    const [once, twice] = [onHost({ registers: [entry] }), onHost({ registers: [entry, entry] })]
    assert.deepEqual(twice, once)
    assert.equal(twice.kind, 'compiled')
  })

  for (const [what, input, reason, text] of MISTAKES) {
    it(`does not accept ${what} and names the place`, () => {
      const result = onHost(input)
      assert.equal(result.kind, 'not-accepted')
      assert.match(message(result, reason), text)
    })
  }
})
