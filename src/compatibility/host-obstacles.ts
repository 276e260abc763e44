import type { HostDocument } from '../api/host-document.ts'
import { fromHex64 } from '../api/hex64.ts'
import { implementationRegisters } from '../arm64/implementation-registers.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { canonicalJson } from '../plan/canonical-json.ts'
import { compareUntrapped, untrappedUnder } from '../plan/untrapped.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { obstacle } from './reach-obstacle.ts'
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

const implementationId: Check = (plan, a, b) => {
  const ofB = new Map(implementationRegisters(b.cpu))
  return implementationRegisters(a.cpu).flatMap(([register, onA]) => {
    const onB = ofB.get(register) ?? '0x0'
    if (plan.byName.get(register)?.kind === 'implementation') return []
    if (fromHex64(onA) === fromHex64(onB)) return []
    return [obstacle('both', 'ImplementationIdDiffers', { register, a: onA, b: onB })]
  })
}

// What stock VMMs take wherever it is offered; the others are asked for by name.
const TAKEN_BY_DEFAULT = ['sve', 'pointerAuthentication', 'pmu'] as const

/** The vCPU features a VM of this plan may have on a host without anyone asking for them by name. */
export const presentVcpuFeatures = (plan: ResolvedPlan, host: HostDocument): readonly VcpuFeature[] =>
  host.vcpuFeatures.filter((feature) => {
    const policy = plan.vcpuFeatures[feature] ?? 'Allowed'
    return policy === 'Required' || (policy === 'Allowed' && TAKEN_BY_DEFAULT.some((one) => one === feature))
  })

const vcpuFeatures: Check = (plan, a, b) => {
  const [inA, inB] = [presentVcpuFeatures(plan, a), presentVcpuFeatures(plan, b)]
  return TAKEN_BY_DEFAULT.filter((feature) => inA.includes(feature) !== inB.includes(feature)).map(
    (feature) =>
      obstacle(
        'both',
        'VcpuFeatureDiffers',
        {
          a: `${feature}: ${inA.includes(feature) ? 'yes' : 'no'}`,
          b: `${feature}: ${inB.includes(feature) ? 'yes' : 'no'}`,
        },
        feature,
      ),
  )
}

const bothHave = (plan: ResolvedPlan, feature: VcpuFeature, hosts: readonly HostDocument[]): boolean =>
  hosts.every((host) => presentVcpuFeatures(plan, host).includes(feature))

const sveVectorLengths: Check = (plan, a, b) => {
  if (plan.sveVectorLengths !== undefined || !bothHave(plan, 'sve', [a, b])) return []
  const lengthsOf = (host: HostDocument): string => host.sveVectorLengths.toSorted((x, y) => x - y).join(', ')
  const [onA, onB] = [lengthsOf(a), lengthsOf(b)]
  if (onA === onB) return []
  return [obstacle('both', 'SveVectorLengthsDiffer', { a: clipped(onA), b: clipped(onB) })]
}

const pmu: Check = (plan, a, b) => {
  if (!bothHave(plan, 'pmu', [a, b]) || canonicalJson(a.pmu) === canonicalJson(b.pmu)) return []
  const countersOf = ({ pmu: one }: HostDocument): string => `${one?.counters ?? 0} counters`
  return [
    obstacle('both', 'PmuDiffers', {
      a: countersOf(a),
      b: countersOf(b),
    }),
  ]
}

/** The largest IPA size a VMM is told of: the host's, or what PARANGE of the plan leaves of it. */
const shownIpaBits = (plan: ResolvedPlan, { ipaBits }: HostDocument): number =>
  Math.min(ipaBits, plan.ipaBits ?? ipaBits)

const ipaSize: Check = (plan, a, b) => {
  const [inA, inB] = [shownIpaBits(plan, a), shownIpaBits(plan, b)]
  if (inA === inB) return []
  return [
    obstacle(inA > inB ? 'a-to-b' : 'b-to-a', 'IpaSizeDiffers', {
      a: `${inA} bits`,
      b: `${inB} bits`,
    }),
  ]
}

/** Everything besides ID registers, firmware registers and lists that keeps two hosts apart under a plan. */
export const hostObstacles: Check = (plan, a, b) =>
  [untrapped, implementationId, vcpuFeatures, sveVectorLengths, ipaSize, pmu].flatMap((check) =>
    check(plan, a, b),
  )
