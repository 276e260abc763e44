import type { Baseline } from '../../api/cpu-feature-profile.ts'
import type { HostDocument } from '../../api/host-document.ts'
import type { Untrapped } from '../../api/plan.ts'
import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import { hasFeature } from '../../arm64/feature.ts'
import { registersOfCondition } from '../../arm64/registers-of-condition.ts'
import { untrappedTexts } from '../../plan/untrapped.ts'
import { givesVcpuFeature, isKernelTooOld } from '../../prediction/told-of-host.ts'
import type { PredictionHost } from '../../prediction/prediction-host.ts'
import type { ClassifiedHost } from './classified-host.ts'
import { hostLimits } from './host-limits.ts'
import type { HostLimits } from './host-limits.ts'
import { namesWithMore } from '../../catalogue/names-with-more.ts'
import { inReferenceOrder } from './reference-member.ts'
import { SPECIFIABLE_REGISTERS } from '../../plan/specifiable.ts'
import type { ResolvedSpec } from '../spec/resolve-spec.ts'
import { requiredVcpuFeatures } from '../spec/vcpu-policies.ts'

/** A host class that a baseline is taken from. */
export type Member = {
  readonly class: string
  readonly nodes: number
  readonly host: HostDocument
  readonly limits: HostLimits
  readonly prediction: PredictionHost
}

/** The members, and the selected hosts that cannot be members. */
export type Members = {
  readonly members: readonly Member[]
  readonly leftOut: readonly LeftOut[]
}

const whyWithoutView = (host: HostDocument, required: readonly VcpuFeature[]): string | undefined => {
  if (isKernelTooOld(host))
    return `it runs Linux ${host.kernel.release}, and KVM says only since Linux 6.7 which fields may be changed`
  const missing = required.find((feature) => givesVcpuFeature(host, feature) !== 'yes')
  if (missing === undefined) return undefined
  return givesVcpuFeature(host, missing) === 'no'
    ? `its KVM does not give the required vCPU feature ${missing}`
    : `nobody knows whether its KVM gives the required vCPU feature ${missing}`
}

const whyLacking = (name: string, { limitView, untold }: PredictionHost): string => {
  const registers = registersOfCondition({ kind: 'feature', name })
  return untold?.registers === true && registers.some((register) => !limitView.has(register))
    ? `nobody knows whether it has ${name}, which the profile requires`
    : `it does not have ${name}, which the profile requires`
}

type Candidate =
  { readonly kind: 'able'; readonly member: Member } | { readonly kind: 'unable'; readonly why: string }

const unable = (why: string): Candidate => ({ kind: 'unable', why })

const candidate = (host: ClassifiedHost, resolved: ResolvedSpec): Candidate => {
  const vcpuFeatures = requiredVcpuFeatures(resolved.policies)
  const why = whyWithoutView(host.host, vcpuFeatures)
  if (why !== undefined) return unable(why)
  const limits = hostLimits(host.host, { vcpuFeatures, implementationId: false })
  const { prediction } = limits
  if (prediction === undefined) return unable('its report does not say what the required vCPU features show')
  const lacking = resolved.required.find(({ name }) => !hasFeature(prediction.limitView, name))
  if (lacking !== undefined) return unable(whyLacking(lacking.name, prediction))
  const member = { class: host.class, nodes: host.nodes, host: host.host, limits, prediction }
  return { kind: 'able', member }
}

/** What members must agree on of what guests read untrapped, as one text to compare. */
const untrappedText = (shown: Untrapped): string => {
  const { counterFrequency, dczid } = untrappedTexts(shown)
  return `CNTFRQ_EL0 ${counterFrequency ?? 'unknown'}, DCZID_EL0 ${dczid ?? 'unknown'}`
}

const EXPLAINED = SPECIFIABLE_REGISTERS.filter(({ fields }) => fields.length > 0).map(({ name }) => name)

/** The registers of which the document does not tell, neither their value nor whether KVM lists them. */
const untoldRegisters = ({ prediction: { untold, limitView } }: Member): readonly string[] =>
  untold?.registers === true ? EXPLAINED.filter((name) => !limitView.has(name)) : []

const firstWithMore = (names: readonly string[]): string =>
  `${names[0] ?? ''}${names.length > 1 ? ` and ${names.length - 1} more registers` : ''}`

/** The registers that the baseline cannot have, because the documents of some members do not tell them. */
export const untoldNotes = (members: readonly Member[]): readonly string[] =>
  members.flatMap((member) => {
    const missing = untoldRegisters(member)
    return missing.length === 0
      ? []
      : [
          `the baseline says nothing of ${firstWithMore(missing)}: they are unknown of host class ${member.class}`,
        ]
  })

/**
 * Why a member tells too little. A register that one member does not tell would drop out of the view of all, and guests would see there
 * whatever their host has.
 */
const whyTooLittle = (member: Member, told: ReadonlySet<string>): string | undefined => {
  const untold = untoldRegisters(member)
  if (untold.length === EXPLAINED.length)
    return 'its document has no ID register; probe it (cpufeatures probe)'
  const missing = untold.filter((name) => told.has(name))
  return missing.length === 0
    ? undefined
    : `its document lacks ${firstWithMore(missing)}, which other documents have; probe it (cpufeatures probe)`
}

/** A host class that is not a member, and why. */
export type LeftOut = { readonly host: Pick<ClassifiedHost, 'class' | 'nodes'>; readonly why: string }

const MOST_NAMED = 3

const leftOutNote = (why: string, hosts: readonly LeftOut['host'][]): string => {
  const nodes = hosts.reduce((sum, host) => sum + host.nodes, 0)
  const names = namesWithMore(
    hosts.map((host) => host.class),
    MOST_NAMED,
  )
  const counted = `${names} (${nodes} ${nodes === 1 ? 'node' : 'nodes'})`
  return hosts.length === 1
    ? `host class ${counted} is left out of the baseline: ${why}`
    : `host classes ${counted} are left out of the baseline: ${why}`
}

/** Says which host classes are not members, and why: once for all that have the same reason. */
export const leftOutNotes = (all: readonly LeftOut[]): readonly string[] =>
  [...Map.groupBy(all, ({ why }) => why)].map(([why, group]) =>
    leftOutNote(
      why,
      group.map(({ host }) => host),
    ),
  )

const tellsUntrapped = ({ host }: Member): boolean =>
  host.counterFrequency !== undefined && host.dczid !== undefined

/**
 * What guests read untrapped on most nodes: one odd host must not leave the fleet out, and one that does not tell leaves out none that
 * does. If two groups are equally large, the one with the first member wins. `members` are in reference order.
 */
const shownOnMost = (members: readonly Member[]): Untrapped | undefined => {
  const telling = members.filter(tellsUntrapped)
  const groups = Map.groupBy(telling.length > 0 ? telling : members, ({ host }) => untrappedText(host))
  const nodes = (group: readonly Member[]): number => group.reduce((sum, one) => sum + one.nodes, 0)
  const [largest] = [...groups.values()].toSorted((a, b) => nodes(b) - nodes(a))
  return largest?.[0]?.host
}

/** Leaves out the candidates that tell too little. */
const tellingEnough = (asked: Candidate, told: ReadonlySet<string>): Candidate => {
  const why = asked.kind === 'able' ? whyTooLittle(asked.member, told) : undefined
  return why === undefined ? asked : unable(why)
}

const ableOf = (candidates: readonly { readonly asked: Candidate }[]): readonly Member[] =>
  candidates.flatMap(({ asked }) => (asked.kind === 'able' ? [asked.member] : []))

/**
 * The hosts a baseline can be taken from, in reference order: those that have what the profile requires, tell no fewer registers than
 * others, and show a guest the untrapped values of the baseline (`kept`; before there is one: those of most nodes), because hosts that
 * differ there never reach each other.
 */
export const membersOf = (
  hosts: readonly ClassifiedHost[],
  resolved: ResolvedSpec,
  kept?: Pick<Baseline, 'registers' | 'untrapped'>,
): Members => {
  const all = inReferenceOrder(hosts).map((host) => ({ host, asked: candidate(host, resolved) }))
  const told = new Set([
    ...Object.keys(kept?.registers ?? {}),
    ...ableOf(all).flatMap(({ prediction }) => [...prediction.limitView.keys()]),
  ])
  const candidates = all.map(({ host, asked }) => ({ host, asked: tellingEnough(asked, told) }))
  const reference = kept?.untrapped ?? shownOnMost(ableOf(candidates))
  const members: Member[] = []
  const leftOut: LeftOut[] = []
  for (const { host, asked } of candidates) {
    if (asked.kind === 'unable') leftOut.push({ host, why: asked.why })
    else if (reference !== undefined && untrappedText(reference) !== untrappedText(host.host)) {
      const [there, here] = [untrappedText(host.host), untrappedText(reference)]
      leftOut.push({ host, why: `guests read ${there} there, ${here} on its members` })
    } else members.push(asked.member)
  }
  return { members, leftOut }
}
