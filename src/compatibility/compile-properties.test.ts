import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fixtureClass, fixtureNames } from '../../test/fixtures/host-documents.ts'
import { resolvedPlan } from '../../test/fixtures/resolved-plan.ts'
import { cpuFeatureProfileSpec } from '../api/cpu-feature-profile.ts'
import type { CpuFeatureProfileSpec } from '../api/cpu-feature-profile.ts'
import type { PlanFinding } from '../api/finding.ts'
import { plan as planSchema } from '../api/plan.ts'
import type { Plan } from '../api/plan.ts'
import { disableFeature } from '../arm64/disable-feature.ts'
import { conditionText } from '../arm64/condition-text.ts'
import { brokenConstraints, isInertFeature } from '../arm64/feature-constraints.ts'
import { FEATURES } from '../arm64/feature-registry.ts'
import { featuresOf } from '../arm64/feature.ts'
import type { GuestView } from '../arm64/register.ts'
import { limitViewOf, predictionHost } from '../prediction/prediction-host.ts'
import type { ClassifiedHost } from '../profile/baseline/classified-host.ts'
import { compileProfile } from '../profile/compile-profile.ts'
import type { CompileResult } from '../profile/compile-result.ts'
import { judgedConfiguration } from './judged-configuration.ts'
import { shownView } from './shown-view.ts'
import { verdict } from './verdict.ts'

const NAMES = fixtureNames()
const HOSTS = new Map(NAMES.map((name) => [name, fixtureClass(name)]))

/** The arbitraries are names, so that a counterexample is readable. */
const hostsOf = (names: readonly string[]): ClassifiedHost[] => names.flatMap((name) => HOSTS.get(name) ?? [])
const VISIBLE = FEATURES.filter(({ places }) => places.length > 0).map(({ name }) => name)

const hosts = fc.subarray(NAMES, { minLength: 1, maxLength: 4 })
const states = fc.uniqueArray(
  fc.record({ name: fc.constantFrom(...VISIBLE), state: fc.constantFrom('Disabled', 'Required') }),
  { maxLength: 5, selector: ({ name }) => name },
)
const base = fc.constantFrom(
  { host: {} },
  { nodes: {} },
  { model: { name: 'neoverse-n1-v1' } },
  { architecture: { version: 'v8.2-A' } },
)
const spec = fc
  .record({
    base,
    features: states,
    tolerate: fc.constantFrom(undefined, { features: ['FEAT_IDST'] }, { surplus: 'AcceptOneWay' as const }),
    implementation: fc.constantFrom(undefined, { midr: '0x410fd490' }),
  })
  .map((given) => cpuFeatureProfileSpec.parse(given))

const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length })

const given = fc.record({ spec, hosts })

const compiled = (result: CompileResult): Extract<CompileResult, { kind: 'compiled' }> | undefined =>
  result.kind === 'compiled' ? result : undefined

const viewUnder = (wire: Plan, { host }: ClassifiedHost): GuestView | undefined => {
  const plan = resolvedPlan(wire)
  const prediction = predictionHost(host, judgedConfiguration(plan, host))
  return prediction && shownView(plan, prediction)
}

describe('compiling', () => {
  it('gives the same whatever the order of hosts and entries', () => {
    const orders = given.chain((one) =>
      fc.record({
        one: fc.constant(one),
        hosts: shuffled(one.hosts),
        features: shuffled(one.spec.features ?? []),
      }),
    )
    fc.assert(
      fc.property(orders, ({ one, hosts: others, features }) => {
        const first = compileProfile({ spec: one.spec, hosts: hostsOf(one.hosts) })
        const second = compileProfile({ spec: { ...one.spec, features }, hosts: hostsOf(others) })
        assert.equal(second.kind, first.kind)
        assert.deepEqual(compiled(second)?.plan, compiled(first)?.plan)
        assert.deepEqual(compiled(second)?.baseline, compiled(first)?.baseline)
      }),
      { numRuns: 60 },
    )
  })

  it('gives the same again from the baseline it took', () => {
    fc.assert(
      fc.property(given, ({ spec: one, hosts: names }) => {
        const input = { spec: one, hosts: hostsOf(names) }
        const first = compiled(compileProfile(input))
        if (first?.baseline === undefined) return
        const again = compiled(compileProfile({ ...input, previousBaseline: first.baseline }))
        assert.deepEqual(again?.plan, first.plan)
        assert.deepEqual(again.baseline, first.baseline)
      }),
      { numRuns: 60 },
    )
  })

  it('gives a plan that its JSON gives back', () => {
    fc.assert(
      fc.property(given, ({ spec: one, hosts: names }) => {
        const plan = compiled(compileProfile({ spec: one, hosts: hostsOf(names) }))?.plan
        if (plan !== undefined) assert.deepEqual(planSchema.parse(JSON.parse(JSON.stringify(plan))), plan)
      }),
      { numRuns: 40 },
    )
  })
})

/** Names the field or register that is fixed, or a combination that the architecture forbids. */
const isNamed = ({ register, wanted, reason }: PlanFinding): boolean =>
  register !== undefined || (reason === 'IllegalCombination' && wanted !== undefined)

describe('disabling one more feature', () => {
  it('keeps a host out only by findings that name what is fixed', () => {
    const more = fc.record({
      hostName: fc.constantFrom(...NAMES),
      disabled: fc.uniqueArray(fc.constantFrom(...VISIBLE), { minLength: 1, maxLength: 4 }),
      base: fc.constantFrom({ host: {} }, { nodes: {} }),
    })
    let kept = 0
    fc.assert(
      fc.property(more, ({ hostName, disabled, base: on }) => {
        const [host] = hostsOf([hostName])
        assert.ok(host)
        const withDisabled = (names: readonly string[]): CpuFeatureProfileSpec =>
          cpuFeatureProfileSpec.parse({
            base: on,
            features: names.map((name) => ({ name, state: 'Disabled' })),
          })
        const before = compiled(compileProfile({ spec: withDisabled(disabled.slice(1)), hosts: [host] }))
        const after = compiled(compileProfile({ spec: withDisabled(disabled), hosts: [host] }))
        if (before === undefined || after === undefined) return
        if (verdict(before.plan, host.host).kind !== 'compatible') return
        const judged = verdict(after.plan, host.host)
        if (judged.kind === 'compatible') kept += 1
        else assert.ok(judged.findings.every(isNamed), JSON.stringify(judged.findings))
      }),
      { numRuns: 300 },
    )
    assert.ok(kept > 50, `only ${kept} hosts still fitted`)
  })
})

describe('a baseline', () => {
  it('fits each of its members, and shows guests no feature that one of them lacks', () => {
    const tolerating = cpuFeatureProfileSpec.parse({
      base: { nodes: {} },
      implementation: { midr: '0x410fd490' },
      tolerate: { features: ['FEAT_IDST'] },
    })
    let taken = 0
    fc.assert(
      fc.property(hosts, (names) => {
        const members = hostsOf(names)
        const result = compiled(compileProfile({ spec: tolerating, hosts: members }))
        if (result?.baseline === undefined) return
        const { plan, baseline } = result
        // What acts at EL2 only is meaningless in these guests: TGRAN*_2 of two hosts meet at "not supported", which FEAT_GTG can say.
        const isOpen = (name: string): boolean => name === 'FEAT_IDST' || isInertFeature(name)
        for (const member of members.filter((one) => baseline.classes.includes(one.class))) {
          const judged = verdict(plan, member.host)
          if (judged.kind === 'incompatible')
            assert.ok(
              judged.findings.every(({ reason }) => reason === 'ImplementationIdNotWritable'),
              JSON.stringify(judged.findings),
            )
          const own = new Set(featuresOf(limitViewOf(member.host) ?? new Map()))
          const more = featuresOf(viewUnder(plan, member) ?? new Map()).filter(
            (name) => !own.has(name) && !isOpen(name),
          )
          assert.deepEqual(more, [], member.class)
        }
        taken += 1
      }),
      { numRuns: 80 },
    )
    assert.ok(taken > 10, `only ${taken} baselines were taken`)
  })
})

describe('the closure', () => {
  it('never leaves an illegal combination, whatever is disabled after what', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMES),
        fc.uniqueArray(fc.constantFrom(...VISIBLE), { minLength: 1, maxLength: 6 }),
        (hostName, names) => {
          const [classified] = hostsOf([hostName])
          let view: GuestView = (classified && limitViewOf(classified.host)) ?? new Map()
          const own = new Set(brokenConstraints(view))
          for (const name of names) {
            const result = disableFeature(view, name)
            if (result.kind === 'disabled') view = result.view
          }
          const broken = brokenConstraints(view).filter((constraint) => !own.has(constraint))
          assert.deepEqual(
            broken.map(({ given: one, needs }) => `${conditionText(one)} needs ${conditionText(needs)}`),
            [],
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})
