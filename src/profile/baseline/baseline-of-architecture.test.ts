import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IDST } from '../../../test/fixtures/compile-input.ts'
import { compiled } from '../../../test/fixtures/compile-result.ts'
import { fixtureClass, fixtureNames } from '../../../test/fixtures/host-documents.ts'
import { cpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { CpuFeatureProfileSpecInput } from '../../api/cpu-feature-profile.ts'
import { fromHex64 } from '../../api/hex64.ts'
import type { Plan } from '../../api/plan.ts'
import { brokenConstraints } from '../../arm64/feature-constraints.ts'
import { featuresOf, hasFeature } from '../../arm64/feature.ts'
import type { GuestView } from '../../arm64/register.ts'
import type { ClassifiedHost } from './classified-host.ts'
import { compileProfile } from '../compile-profile.ts'
import type { CompileInput, CompileResult } from '../compile-result.ts'
import { hostLimits } from './host-limits.ts'
import { revisionName } from '../../plan/revision-name.ts'

const host = (name: string, nodes = 1): ClassifiedHost => fixtureClass(name, { nodes, selected: false })

const N1 = host('neoverse-n1-6.18')
const V1 = host('neoverse-v1-6.18')
const N2 = host('neoverse-n2-6.18')
const MAX = host('max-7.3')
const A72 = host('cortex-a72-6.18')
const ALL = fixtureNames().map((name) => host(name))

type More = Omit<CompileInput, 'spec' | 'hosts'> & { readonly spec?: Partial<CpuFeatureProfileSpecInput> }

const compile = (version: string, hosts: readonly ClassifiedHost[], { spec, ...more }: More = {}) =>
  compileProfile({
    spec: cpuFeatureProfileSpec.parse({ base: { architecture: { version } }, ...spec }),
    hosts,
    ...more,
  })

const viewOf = ({ registers }: Plan): GuestView =>
  new Map(registers.map(({ register, value }) => [register, fromHex64(value)]))

const said = (result: CompileResult): string => compiled(result).notes.join('\n')

const seen = (result: CompileResult): readonly string[] => featuresOf(viewOf(compiled(result).plan))

// Sizes, states and formats that the nodes decide, and what acts at EL2 only.
const OF_THE_NODES = new RegExp(
  '^FEAT_(AA\\d+EL\\d|FP|AdvSIMD|ASID16|VMID16|(S2)?TGran\\d+K|GTG|LPA2?|LVA|MixedEnd(EL0)?|BigEnd(EL0)?|IVIPT|' +
    'VHE|XNX|EVT|E2H0|S2FWB|SEL2|FGT2?|HCX|NV\\d?)$',
)

const V8_2 = 'ASMv8p2 CRC32 DPB Debugv8p1 Debugv8p2 HPDS LOR LSE PAN PAN2 RAS TTCNP UAO FP16'
  .split(' ')
  .map((one) => `FEAT_${one}`)

describe('base architecture', () => {
  it('levels what has the version, and shows nothing beyond it that KVM can hide', () => {
    const result = compiled(compile('v8.2-A', [N1, V1, N2], { spec: IDST }))
    assert.deepEqual(result.baseline?.classes, [N1, V1, N2].map((one) => one.class).sort())
    const beyond = seen(result).filter((name) => !V8_2.includes(name) && !OF_THE_NODES.test(name))
    assert.deepEqual(beyond, [])
    assert.match(said(result), /guests see more than v8\.2-A, .*cannot hide it: FEAT_FP16$/m)
    assert.match(said(result), /left out of v8\.2-A, .*no ID register.*: FEAT_ASMv8p2/)
  })

  it('takes sizes from the nodes that fit', () => {
    const parange = ({ plan }: { plan: Plan }) => Number((viewOf(plan).get('ID_AA64MMFR0_EL1') ?? 0n) & 0xfn)
    const own = ({ host: { guestView } }: ClassifiedHost) =>
      Number(BigInt(guestView['ID_AA64MMFR0_EL1'] ?? '') & 0xfn)
    const fp16 = { spec: { tolerate: { features: ['FEAT_FP16'] } } }
    assert.ok(own(A72) < own(N1))
    assert.equal(parange(compiled(compile('v8.0-A', [A72, N1], fp16))), own(A72))
    assert.equal(parange(compiled(compile('v8.1-A', [A72, N1], fp16))), own(N1))
  })

  it('leaves out who lacks a mandatory feature, and names class and features', () => {
    const result = compile('v8.4-A', [N1, N2, V1])
    assert.deepEqual(compiled(result).baseline?.classes, [N2.class])
    assert.match(said(result), /neoverse-n1-6\.18 \(1 node\) is left out .*it lacks .*FEAT_DIT.* of v8\.4-A/)
    assert.match(
      said(result),
      /neoverse-v1-6\.18 .*it lacks FEAT_TLBIOS, FEAT_TLBIRANGE, FEAT_TTL of v8\.4-A/,
    )
  })

  it('counts nodes by what they read untrapped among those that have the version only', () => {
    const ghz = host('neoverse-n2-1ghz-6.18')
    const { baseline } = compiled(compile('v8.4-A', [host('neoverse-v1-6.18', 5), ghz]))
    assert.deepEqual(baseline?.classes, [ghz.class])
  })

  it('does not compile where no node has the version, with every feature that every class lacks', () => {
    const result = compile('v8.4-A', [N1, V1])
    assert.ok(result.kind === 'not-compiled', result.kind)
    assert.equal(result.reason, 'NoMember')
    const of = (name: string) =>
      result.findings.filter(({ limit }) => limit?.includes(name)).map(({ wanted }) => wanted)
    assert.deepEqual(of(V1.class), ['FEAT_TLBIOS', 'FEAT_TLBIRANGE', 'FEAT_TTL'])
    assert.ok(of(N1.class).includes('FEAT_DIT'))
  })

  it('waits for the first report', () => {
    const result = compile('v8.0-A', [])
    assert.equal('reason' in result && result.reason, 'WaitingForNodes')
  })

  it('counts what its v8 version has to v9, and knows no version beyond the tables', () => {
    const result = compile('v9.0-A', [N1, N2])
    assert.deepEqual(compiled(result).baseline?.classes, [N2.class])
    for (const name of ['FEAT_BTI', 'FEAT_SB', 'FEAT_LSE2', 'FEAT_CSV3'])
      assert.ok(seen(result).includes(name), name)
    assert.ok(!seen(result).includes('FEAT_I8MM'))
    assert.match(said(result), /vCPU feature .*: FEAT_PAuth$/m)
    const unknown = compile('v9.9-A', [N2])
    assert.ok(unknown.kind === 'not-accepted')
    assert.equal(unknown.reason, 'UnknownVersion')
    assert.match(unknown.message, /v9\.0-A to v9\.6-A/)
  })

  it('names the mandatory features that KVM shows to no guest', () => {
    assert.match(said(compile('v8.8-A', [MAX])), /shown to no guest by KVM: FEAT_CMOW, FEAT_NMI$/m)
  })

  it('has what comes with a required vCPU feature, and asks for what is mandatory there', () => {
    const pauth = { vcpuFeatures: { pointerAuthentication: 'Required' as const } }
    const result = compile('v8.3-A', [N1, V1], { spec: pauth })
    assert.ok(seen(result).includes('FEAT_PAuth'))
    assert.match(said(result), /neoverse-n1-6\.18 .*pointerAuthentication/)
    const sve = compile('v9.0-A', [N2], { spec: { vcpuFeatures: { sve: 'Required' } } })
    assert.ok(seen(sve).includes('FEAT_SVE2'))
    assert.ok(!seen(sve).includes('FEAT_SHA3'))
    // FEAT_SVE needs FEAT_FP16: the view has no other feature that nobody asked for.
    assert.doesNotMatch(said(sve), /guests see more/)
  })

  it('keeps what the profile requires beyond the version, with what that needs', () => {
    const result = compile('v8.2-A', [N1, V1], {
      spec: { ...IDST, features: [{ name: 'FEAT_PMULL', state: 'Required' }] },
    })
    assert.ok(seen(result).includes('FEAT_PMULL') && seen(result).includes('FEAT_AES'))
    assert.ok(!seen(result).includes('FEAT_SHA256'))
  })

  it('is taken from the most nodes where not all have a view in common', () => {
    const many = compiled(compile('v8.2-A', [N1, V1, N2]))
    assert.deepEqual(many.baseline?.classes, [N2.class, V1.class])
    assert.match(said(many), /neoverse-n1-6\.18 .*ID_AA64MMFR2_EL1\.IDS/)
    const other = compiled(compile('v8.2-A', [host('neoverse-n1-6.18', 3), V1, N2]))
    assert.deepEqual(other.baseline?.classes, [N1.class])
  })

  it('is the same in whatever order the hosts come', () => {
    for (const version of ['v8.0-A', 'v8.2-A', 'v9.0-A']) {
      const first = compile(version, ALL)
      assert.deepEqual(compile(version, ALL.toReversed()), first)
      assert.deepEqual(compile(version, [...ALL.slice(5), ...ALL.slice(0, 5)]), first)
    }
  })

  it('is kept while version and generation are, whatever nodes come and go', () => {
    const first = compiled(compile('v8.0-A', [N1]))
    const previousBaseline = first.baseline ?? assert.fail()
    for (const hosts of [[], [A72], [N2, V1], [N1]]) {
      const again = compiled(compile('v8.0-A', hosts, { previousBaseline }))
      assert.equal(revisionName('p', again.plan), revisionName('p', first.plan))
      assert.deepEqual(again.baseline, previousBaseline)
    }
    assert.deepEqual(compiled(compile('v9.0-A', [N2], { previousBaseline })).baseline?.classes, [N2.class])
    const raised = {
      spec: { base: { architecture: { version: 'v8.0-A', generation: 2 } } },
      previousBaseline,
    }
    assert.deepEqual(compiled(compile('v8.0-A', [A72], raised)).baseline?.classes, [A72.class])
    const nodes = { spec: { base: { nodes: {} } }, previousBaseline }
    assert.equal(compile('v8.0-A', [], nodes).kind, 'waiting')
    const ofNodes = compiled(
      compile('', [{ ...V1, selected: true }], { spec: { base: { nodes: {} } } }),
    ).baseline
    assert.ok(ofNodes)
    assert.deepEqual(compiled(compile('v8.0-A', [N1], { previousBaseline: ofNodes })).baseline?.classes, [
      N1.class,
    ])
  })

  it('says at every compile which classes are left out of it, and why', () => {
    for (const version of ['v8.0-A', 'v8.2-A', 'v8.4-A']) {
      const first = compiled(compile(version, ALL))
      assert.match(said(first), /left out of the baseline/)
      const again = compiled(compile(version, ALL, { previousBaseline: first.baseline ?? assert.fail() }))
      assert.deepEqual(again.notes, first.notes)
    }
  })

  it('shows the mandatory features and is legal on every host, where that is legal itself', () => {
    let plans = 0
    for (const one of ALL)
      for (const version of [
        'v8.0-A',
        'v8.1-A',
        'v8.2-A',
        'v8.3-A',
        'v8.4-A',
        'v8.5-A',
        'v8.6-A',
        'v8.7-A',
        'v8.8-A',
        'v9.0-A',
        'v9.2-A',
      ]) {
        const result = compile(version, [one])
        if (result.kind !== 'compiled') continue
        plans += 1
        const own = hostLimits(one.host, { vcpuFeatures: [], implementationId: false }).prediction?.limitView
        const before = new Set(brokenConstraints(own ?? assert.fail()))
        const view = new Map([...(own ?? []), ...viewOf(result.plan)])
        assert.deepEqual(
          brokenConstraints(view).filter((broken) => !before.has(broken)),
          [],
          `${version} on ${one.class}`,
        )
        assert.ok(hasFeature(view, 'FEAT_FP') && hasFeature(view, 'FEAT_AA64EL1'))
        assert.equal(hasFeature(view, 'FEAT_LSE'), version !== 'v8.0-A', `${version} on ${one.class}`)
      }
    assert.ok(plans > 60, `${plans} plans`)
  })
})
