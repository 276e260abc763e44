import type { HostDocument } from '../api/host-document.ts'
import { fromHex64, toHex64 } from '../api/hex64.ts'
import { SLOTS_ID } from '../arm64/stream-registers.ts'
import { implementationRegisters } from '../arm64/implementation-registers.ts'
import { VCPU_FEATURES } from '../api/vcpu-feature.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { canonicalJson } from '../plan/canonical-json.ts'
import { IMPLEMENTATION_ID_REGISTERS } from '../plan/specifiable.ts'
import { hasSeveralKinds } from '../plan/core-kinds-text.ts'
import { givesVcpuFeature, toldSveLengths } from '../prediction/told-of-host.ts'
import { compareUntrapped, untrappedUnder } from '../plan/untrapped.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { remembered, rememberedOfBoth } from '../plan/remembered.ts'
import { blocked, obstacle } from './reach-obstacle.ts'
import type { ReachObstacle } from './reach-obstacle.ts'
import { UNTRAPPED_REASONS } from './untrapped-reasons.ts'

type Check = (plan: ResolvedPlan, a: HostDocument, b: HostDocument) => readonly ReachObstacle[]

const clipped = (text: string): string => (text.length > 64 ? `${text.slice(0, 61)}...` : text)

const untrapped: Check = (plan, a, b) =>
  compareUntrapped(untrappedUnder(plan, a), untrappedUnder(plan, b))
    // Guests without MTE cannot act on the tag line.
    .filter(({ fact }) => fact !== 'tminLine' || bothHave(plan, 'mte', [a, b]))
    .flatMap(({ fact, place, is, a: onA = 'unknown', b: onB = 'unknown' }) => {
      if (is === 'equal') return []
      const said = { ...place, a: onA, b: onB, ...(is === 'different' && { writable: false }) }
      return [obstacle('both', UNTRAPPED_REASONS[fact][is], said)]
    })

const severalKinds: Check = (plan, a, b) => {
  if (plan.byName.get('MIDR_EL1')?.kind === 'implementation') return []
  const text = ({ cpu, cores = [cpu] }: HostDocument): string =>
    clipped(cores.map(({ midr }) => midr).join(' or '))
  return [obstacle('both', 'CoreKindsDiffer', { register: 'MIDR_EL1', a: text(a), b: text(b) })]
}

/** The registers of the implementation ID that the plan leaves to the host. */
const ownImplementationId = remembered(({ byName }: ResolvedPlan): readonly string[] =>
  [...IMPLEMENTATION_ID_REGISTERS].filter((register) => byName.get(register)?.kind !== 'implementation'),
)

const implementationOf = remembered(({ cpu }: HostDocument) => new Map(implementationRegisters(cpu)))

const implementationId: Check = (plan, a, b) => {
  if (hasSeveralKinds(a) || hasSeveralKinds(b)) return severalKinds(plan, a, b)
  const left = ownImplementationId(plan)
  if (left.length === 0) return []
  const [ofA, ofB] = [implementationOf(a), implementationOf(b)]
  return left.flatMap((register) => {
    const [onA, onB] = [ofA.get(register), ofB.get(register)]
    if (onA === undefined || onB === undefined) {
      const said = { register, a: onA ?? 'unknown', b: onB ?? 'unknown' }
      return [obstacle('both', 'ImplementationIdUnknown', said)]
    }
    if (fromHex64(onA) === fromHex64(onB)) return []
    return [obstacle('both', 'ImplementationIdDiffers', { register, a: onA, b: onB })]
  })
}

// Stock VMMs take these wherever KVM offers them. They ask for the others by name.
const TAKEN_BY_DEFAULT = ['sve', 'pointerAuthentication', 'pmu'] as const

const mayBeTaken = (plan: ResolvedPlan, feature: VcpuFeature): boolean => {
  const policy = plan.vcpuFeatures[feature] ?? 'Allowed'
  return policy === 'Required' || (policy === 'Allowed' && TAKEN_BY_DEFAULT.some((one) => one === feature))
}

/** The vCPU features a VM of this plan may have on a host without anyone asking for them by name. */
export const presentVcpuFeatures = rememberedOfBoth(
  (plan: ResolvedPlan, host: HostDocument): readonly VcpuFeature[] =>
    host.vcpuFeatures.filter((feature) => mayBeTaken(plan, feature)),
)

const vcpuFeatures: Check = (plan, a, b) =>
  VCPU_FEATURES.filter((feature) => mayBeTaken(plan, feature)).flatMap((feature) => {
    const [inA, inB] = [givesVcpuFeature(a, feature), givesVcpuFeature(b, feature)]
    const said = { a: `${feature}: ${inA}`, b: `${feature}: ${inB}` }
    if (inA === 'unknown' || inB === 'unknown') return [obstacle('both', 'VcpuFeatureUnknown', said, feature)]
    return inA === inB ? [] : [obstacle('both', 'VcpuFeatureDiffers', said, feature)]
  })

const bothHave = (plan: ResolvedPlan, feature: VcpuFeature, hosts: readonly HostDocument[]): boolean =>
  hosts.every((host) => presentVcpuFeatures(plan, host).includes(feature))

const sveVectorLengths: Check = (plan, a, b) => {
  if (plan.sveVectorLengths !== undefined || !bothHave(plan, 'sve', [a, b])) return []
  const [onA, onB] = [a, b].map((host) => toldSveLengths(host)?.join(', '))
  if (onA === undefined || onB === undefined) {
    const said = { a: clipped(onA ?? 'unknown'), b: clipped(onB ?? 'unknown') }
    return [obstacle('both', 'SveVectorLengthsUnknown', said)]
  }
  if (onA === onB) return []
  return [obstacle('both', 'SveVectorLengthsDiffer', { a: clipped(onA), b: clipped(onB) })]
}

const listsSlots = ({ configurations }: HostDocument): boolean =>
  configurations.some(({ registerListAdded }) => registerListAdded?.includes(toHex64(SLOTS_ID)))

/** PMMIR_EL1 of a stream, where both list it: newer kernels take 0, or the slots of their own host. */
const slots = (a: HostDocument, b: HostDocument): readonly ReachObstacle[] => {
  if (!listsSlots(a) || !listsSlots(b)) return []
  const [ofA, ofB] = [a.pmu?.slots, b.pmu?.slots]
  const text = (count: number | undefined): string => `PMMIR_EL1.SLOTS ${count ?? 'unknown'}`
  const said = { register: 'PMMIR_EL1', a: text(ofA), b: text(ofB) }
  if (ofA === undefined || ofB === undefined) return [obstacle('both', 'PmuUnknown', said)]
  const blocks = blocked(ofA !== 0 && ofA !== ofB, ofB !== 0 && ofA !== ofB)
  return blocks === undefined ? [] : [obstacle(blocks, 'PmuDiffers', said)]
}

const pmu: Check = (plan, a, b) => {
  if (!bothHave(plan, 'pmu', [a, b])) return []
  const countersOf = ({ pmu: one }: HostDocument): string =>
    one === undefined ? 'unknown' : `${one.counters} counters`
  const said = { a: countersOf(a), b: countersOf(b) }
  if (a.pmu === undefined || b.pmu === undefined) return [obstacle('both', 'PmuUnknown', said)]
  const seen = [a.pmu, b.pmu].map(({ counters, pmceid0, pmceid1 }) =>
    canonicalJson({ counters, pmceid0, pmceid1 }),
  )
  return [
    ...(seen[0] === seen[1] ? [] : [obstacle('both', 'PmuDiffers', said)]),
    ...(plan.excludedRegisters.has(SLOTS_ID) ? [] : slots(a, b)),
  ]
}

/** The largest IPA size that a VMM is told: the host's, or the smaller one that the plan's PARANGE says. */
const shownIpaBits = (plan: ResolvedPlan, { ipaBits }: HostDocument): number | undefined =>
  ipaBits === undefined ? undefined : Math.min(ipaBits, plan.ipaBits ?? ipaBits)

const ipaSize: Check = (plan, a, b) => {
  const [inA, inB] = [shownIpaBits(plan, a), shownIpaBits(plan, b)]
  if (inA === undefined || inB === undefined) {
    const text = (bits: number | undefined): string => (bits === undefined ? 'unknown' : `${bits} bits`)
    return [obstacle('both', 'IpaSizeUnknown', { a: text(inA), b: text(inB) })]
  }
  if (inA === inB) return []
  return [
    obstacle(inA > inB ? 'a-to-b' : 'b-to-a', 'IpaSizeDiffers', {
      a: `${inA} bits`,
      b: `${inB} bits`,
    }),
  ]
}

/** Everything that keeps two hosts apart under a plan, apart from ID registers, firmware registers and lists. */
export const hostObstacles: Check = (plan, a, b) =>
  [untrapped, implementationId, vcpuFeatures, sveVectorLengths, ipaSize, pmu].flatMap((check) =>
    check(plan, a, b),
  )
