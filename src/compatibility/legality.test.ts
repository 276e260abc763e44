import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { fixtureHosts } from '../../test/fixtures/host-documents.ts'
import { resolvedPlan } from '../../test/fixtures/resolved-plan.ts'
import { cpuFeatureProfileSpec } from '../api/cpu-feature-profile.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { conditionText } from '../arm64/condition-text.ts'
import { brokenConstraints } from '../arm64/feature-constraints.ts'
import { FEATURES } from '../arm64/feature-registry.ts'
import { hasFeature } from '../arm64/feature.ts'
import type { GuestView } from '../arm64/register.ts'
import { predictionHost } from '../prediction/prediction-host.ts'
import { compileProfile } from '../profile/compile-profile.ts'
import { judgedConfiguration } from './judged-configuration.ts'
import { shownView } from './shown-view.ts'
import { verdict } from './verdict.ts'

const BASES = { host: { host: {} }, nodes: { nodes: {} } } as const

const FITTED = [...fixtureHosts()].flatMap(([name, host]) =>
  Object.entries(BASES).map(([base, given]) => ({ name, host, base, given })),
)

const VISIBLE = FEATURES.filter(({ places }) => places.length > 0).map(({ name }) => name)

type Fit = { feature: string; plan: Plan; host: HostDocument; where: string }

const fitsWith = (state: 'Disabled' | 'Required'): readonly Fit[] =>
  FITTED.flatMap(({ name, host, base, given }) =>
    VISIBLE.flatMap((feature) => {
      const result = compileProfile({
        spec: cpuFeatureProfileSpec.parse({ base: given, features: [{ name: feature, state }] }),
        hosts: [{ class: name, nodes: 1, host, selected: true }],
      })
      if (result.kind !== 'compiled' || verdict(result.plan, host).kind !== 'compatible') return []
      return [{ feature, plan: result.plan, host, where: `${name}, base ${base}, ${feature} ${state}` }]
    }),
  )

/** What a vCPU of the host shows by itself, and after a launch under the plan. */
const viewUnder = (wire: Plan, document: HostDocument): { own: GuestView; shown: GuestView } => {
  const plan = resolvedPlan(wire)
  const host = predictionHost(document, judgedConfiguration(plan, document))
  assert.ok(host)
  return { own: host.limitView, shown: shownView(plan, host) }
}

describe('a plan that fits a host', () => {
  /** Every fixture with every feature, under both bases, as far as the plan fits. */
  const fits: Record<'Disabled' | 'Required', readonly Fit[]> = { Disabled: [], Required: [] }
  before(() => {
    fits.Disabled = fitsWith('Disabled')
    fits.Required = fitsWith('Required')
  })

  for (const state of ['Disabled', 'Required'] as const)
    it(`is never illegal with a feature ${state}, where the host is legal`, () => {
      for (const { plan, host, where } of fits[state]) {
        const { own, shown } = viewUnder(plan, host)
        const ownBroken = new Set(brokenConstraints(own))
        const broken = brokenConstraints(shown).filter((constraint) => !ownBroken.has(constraint))
        const texts = broken.map(
          ({ given, needs }) => `${conditionText(given)} needs ${conditionText(needs)}`,
        )
        assert.deepEqual(texts, [], where)
      }
      assert.ok(fits[state].length > 500, `only ${fits[state].length} plans fit`)
    })

  it('hides what is Disabled', () => {
    for (const { feature, plan, host, where } of fits.Disabled)
      assert.equal(hasFeature(viewUnder(plan, host).shown, feature), false, where)
  })
})
