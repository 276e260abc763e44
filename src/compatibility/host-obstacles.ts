import type { HostDocument } from '../api/host-document.ts'
import { fromHex64 } from '../api/hex64.ts'
import { implementationRegisters } from '../arm64/implementation-registers.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { canonicalJson } from '../plan/canonical-json.ts'
import { TAG_LINE } from '../plan/shown-tag-line.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { plannedTagLine } from './planned-tag-line.ts'
import { obstacle } from './reach-obstacle.ts'
import type { ReachObstacle } from './reach-obstacle.ts'

type Check = (plan: ResolvedPlan, a: HostDocument, b: HostDocument) => readonly ReachObstacle[]

const clipped = (text: string): string => (text.length > 64 ? `${text.slice(0, 61)}...` : text)

const counterFrequency: Check = (_, { counterFrequency: a }, { counterFrequency: b }) => {
  const said = { register: 'CNTFRQ_EL0', a: `${a ?? 'unknown'} Hz`, b: `${b ?? 'unknown'} Hz` }
  if (a === undefined || b === undefined) {
    return [obstacle('both', 'CounterFrequencyUnknown', said)]
  }
  if (a === b) return []
  return [obstacle('both', 'CounterFrequencyDiffers', { ...said, writable: false })]
}

const zeroBlockSize: Check = (_, { dczid: a }, { dczid: b }) => {
  const said = { register: 'DCZID_EL0', a: a ?? 'unknown', b: b ?? 'unknown' }
  if (a === undefined || b === undefined) {
    return [obstacle('both', 'ZeroBlockSizeUnknown', said)]
  }
  if (fromHex64(a) === fromHex64(b)) return []
  return [obstacle('both', 'ZeroBlockSizeDiffers', { ...said, writable: false })]
}

const tagLine: Check = (plan, a, b) => {
  // Guests without MTE cannot act on it.
  if (!bothHave(plan, 'mte', [a, b])) return []
  const [onA, onB] = [plannedTagLine(plan, a), plannedTagLine(plan, b)]
  const hex = (value: number | undefined): string =>
    value === undefined ? 'unknown' : `0x${value.toString(16)}`
  const said = { register: 'CTR_EL0', field: TAG_LINE.name, a: hex(onA), b: hex(onB) }
  if (onA === undefined || onB === undefined) {
    return [obstacle('both', 'TagLineUnknown', said)]
  }
  if (onA === onB) return []
  return [obstacle('both', 'TagLineDiffers', { ...said, writable: false })]
}

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
  [
    counterFrequency,
    zeroBlockSize,
    tagLine,
    implementationId,
    vcpuFeatures,
    sveVectorLengths,
    ipaSize,
    pmu,
  ].flatMap((check) => check(plan, a, b))
