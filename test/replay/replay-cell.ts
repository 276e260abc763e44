import { cpuFeatureProfileSpec } from '../../src/api/cpu-feature-profile.ts'
import type { CpuFeatureProfileSpecInput } from '../../src/api/cpu-feature-profile.ts'
import type { HostDocument } from '../../src/api/host-document.ts'
import type { Plan } from '../../src/api/plan.ts'
import type { ReachReason } from '../../src/catalogue/reach-reasons.ts'
import { hostClass } from '../../src/compatibility/host-class.ts'
import type { ReachObstacle } from '../../src/compatibility/reach-obstacle.ts'
import { reachObstacles, wayOf } from '../../src/compatibility/reach.ts'
import { verdict } from '../../src/compatibility/verdict.ts'
import { streamRegisterName } from '../../src/arm64/stream-registers.ts'
import { compileProfile } from '../../src/profile/compile-profile.ts'
import { fromHex64 } from '../../src/api/hex64.ts'
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

const SURPLUS = {
  ...LEVELLED,
  tolerate: { features: ['FEAT_IDST'], surplus: 'AcceptOneWay' },
} satisfies CpuFeatureProfileSpecInput

/**
 * The plans of a pair: levelled by writing, with inert, named and surplus differences; with each host's own MIDR; base host; and with
 * vCPU features that VMMs ask for.
 */
const TERMS: Readonly<Record<string, CpuFeatureProfileSpecInput>> = {
  writing: { ...LEVELLED, tolerate: { inert: 'Refuse' } },
  inert: LEVELLED,
  named: { ...LEVELLED, tolerate: { features: ['FEAT_IDST'] } },
  surplus: SURPLUS,
  'own MIDR': { base: { nodes: {} }, tolerate: SURPLUS.tolerate },
  'host base': {
    base: { host: {} },
    vcpuFeatures: { sve: 'Disabled', pointerAuthentication: 'Disabled', pmu: 'Disabled' },
  },
  pmu: { ...SURPLUS, vcpuFeatures: { pmu: 'Required' } },
  sve: { ...SURPLUS, vcpuFeatures: { sve: 'Required' } },
  'pointer auth': { ...SURPLUS, vcpuFeatures: { pointerAuthentication: 'Required' } },
  'all three': {
    ...SURPLUS,
    vcpuFeatures: { pmu: 'Required', sve: 'Required', pointerAuthentication: 'Required' },
  },
}

/** What no register of a stream carries, or KVM takes without it: the guest is the one who would notice. */
const NOT_IN_STREAM: ReadonlySet<string> = new Set([
  'CounterFrequencyDiffers',
  'ZeroBlockSizeDiffers',
  'TagLineDiffers',
  'IpaSizeDiffers',
  'ToleratedSurplus',
] satisfies ReachReason[])

const isInStream = ({ about: { reason, register } }: ReachObstacle): boolean =>
  !NOT_IN_STREAM.has(reason) && (reason !== 'PmuDiffers' || register !== undefined)

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
    (one) => one.blocks !== 'b-to-a' && isInStream(one) && one.about.reason !== planted,
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

/** Whether a reason speaks of the register that a destination refused. */
const explains = (reason: string, { id, errno }: { readonly id: string; readonly errno: string }): boolean =>
  errno === 'not listed'
    ? reason.startsWith('RegisterListDiffers')
    : (streamRegisterName(fromHex64(id)) ?? '').startsWith(reason.split(' ')[1] ?? ' ')

/** What is wrong with a prediction, where KVM did otherwise, or refused another register than was said. */
export const contradiction = (
  { predicted, reasons }: ReplayCell,
  happened: ReplayAnswer,
): string | undefined => {
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`
  if ('wrong' in happened) return `the VM could not be levelled: ${happened.wrong}`
  if ('refused' in happened) {
    const { refused: id, errno } = happened
    return predicted === 'refused' && reasons.some((reason) => explains(reason, { id, errno }))
      ? undefined
      : `predicted ${predicted}${why}, refused ${id}: ${errno}`
  }
  return predicted === 'taken' ? undefined : `predicted ${predicted}${why}, and KVM took every register`
}
