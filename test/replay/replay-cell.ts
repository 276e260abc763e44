import { cpuFeatureProfileSpec } from '../../src/api/cpu-feature-profile.ts'
import type { CpuFeatureProfileSpecInput } from '../../src/api/cpu-feature-profile.ts'
import type { HostDocument } from '../../src/api/host-document.ts'
import type { Plan } from '../../src/api/plan.ts'
import type { ReachReason } from '../../src/catalogue/reach-reasons.ts'
import { hostClass } from '../../src/compatibility/host-class.ts'
import { reachObstacles, wayOf } from '../../src/compatibility/reach.ts'
import { verdict } from '../../src/compatibility/verdict.ts'
import { compileProfile } from '../../src/profile/compile-profile.ts'
import { resolvedPlan } from '../fixtures/resolved-plan.ts'
import type { ReplayAnswer } from './replay-job.ts'

/** A host that is replayed, by the name of its request. */
export type ReplayHost = { readonly name: string; readonly document: HostDocument }

/** A VM of one plan that leaves `from` for `to`. */
export type ReplayCell = {
  readonly from: string
  readonly to: string
  readonly terms: string
  readonly plan: Plan
  readonly predicted: 'taken' | 'refused' | 'unknown'
  /** Why, where it is not taken. */
  readonly reasons: readonly string[]
}

const LEVELLED = { base: { nodes: {} }, implementation: { midr: 'FromBaseline' } } as const

/** The plans of a pair: levelled by writing, with inert, named and surplus differences; with each host's own MIDR; and base host. */
const TERMS: Readonly<Record<string, CpuFeatureProfileSpecInput>> = {
  writing: { ...LEVELLED, tolerate: { inert: 'Refuse' } },
  inert: LEVELLED,
  named: { ...LEVELLED, tolerate: { features: ['FEAT_IDST'] } },
  surplus: { ...LEVELLED, tolerate: { features: ['FEAT_IDST'], surplus: 'AcceptOneWay' } },
  'own MIDR': { base: { nodes: {} }, tolerate: { features: ['FEAT_IDST'], surplus: 'AcceptOneWay' } },
  'host base': {
    base: { host: {} },
    vcpuFeatures: { sve: 'Disabled', pointerAuthentication: 'Disabled', pmu: 'Disabled' },
  },
}

/** What no register of a stream carries: the destination takes it, and the guest is the one who would notice. */
const NOT_IN_STREAM: ReadonlySet<string> = new Set([
  'CounterFrequencyDiffers',
  'ZeroBlockSizeDiffers',
  'TagLineDiffers',
  'IpaSizeDiffers',
  'ToleratedSurplus',
] satisfies ReachReason[])

const plansOf = (hosts: readonly ReplayHost[]): readonly (readonly [terms: string, plan: Plan])[] =>
  Object.entries(TERMS).flatMap(([terms, spec]) => {
    const result = compileProfile({
      spec: cpuFeatureProfileSpec.parse(spec),
      hosts: hosts.map(({ document }) => ({
        class: hostClass(document),
        nodes: 1,
        host: document,
        selected: true,
      })),
    })
    return result.kind === 'compiled' ? [[terms, result.plan] as const] : []
  })

/** `planted` takes a reason out of the predictions: a replay must find that it is missing. */
const cellOf = (
  [from, to]: readonly [ReplayHost, ReplayHost],
  [terms, plan]: readonly [string, Plan],
  planted: string | undefined,
): ReplayCell => {
  const obstacles = reachObstacles(resolvedPlan(plan), from.document, to.document).filter(
    ({ about: { reason }, blocks }) =>
      blocks !== 'b-to-a' && !NOT_IN_STREAM.has(reason) && reason !== planted,
  )
  const predicted = ({ open: 'taken', closed: 'refused', unknown: 'unknown' } as const)[
    wayOf(obstacles, 'a-to-b')
  ]
  const reasons = [
    ...new Set(obstacles.map(({ about }) => [about.reason, about.register].filter(Boolean).join(' '))),
  ]
  return { from: from.name, to: to.name, terms, plan, predicted, reasons }
}

/** Every ordered pair of the hosts under every plan that both fit. */
export const replayCells = (hosts: readonly ReplayHost[], planted?: string): readonly ReplayCell[] =>
  hosts.flatMap((from) =>
    hosts
      .filter((to) => to !== from)
      .flatMap((to) =>
        plansOf(from.name < to.name ? [from, to] : [to, from])
          .filter(([, plan]) =>
            [from, to].every(({ document }) => verdict(plan, document).kind === 'compatible'),
          )
          .map((terms) => cellOf([from, to], terms, planted)),
      ),
  )

/** What is wrong with a prediction, where KVM did otherwise. */
export const contradiction = (
  { predicted, reasons }: ReplayCell,
  happened: ReplayAnswer,
): string | undefined => {
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`
  if ('wrong' in happened) return `the VM could not be levelled: ${happened.wrong}`
  if ('refused' in happened)
    return predicted === 'refused'
      ? undefined
      : `predicted ${predicted}${why}, refused ${happened.refused}: ${happened.errno}`
  return predicted === 'taken' ? undefined : `predicted ${predicted}${why}, and KVM took every register`
}
