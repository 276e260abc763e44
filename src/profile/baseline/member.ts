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

/** The members, the selected hosts that cannot be members, and what else there is to say of them. */
export type Members = {
  readonly members: readonly Member[]
  readonly leftOut: readonly LeftOut[]
  readonly notes: readonly string[]
}

const whyWithoutView = (host: HostDocument, required: readonly VcpuFeature[]): string | undefined => {
  if (isKernelTooOld(host))
    return `it runs Linux ${host.kernel.release}, and KVM tells only since Linux 6.7 which fields may be changed`
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
  if (prediction === undefined) return unable('its report does not tell what the required vCPU features show')
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

/** The registers that the baseline cannot have, because the document of a member does not tell them. */
const untoldNotes = ({ class: name, prediction: { untold, limitView } }: Member): readonly string[] => {
  if (untold?.registers !== true) return []
  const missing = SPECIFIABLE_REGISTERS.filter(
    ({ name: register, fields }) => fields.length > 0 && !limitView.has(register),
  ).map((register) => register.name)
  const more = missing.length > 1 ? ` and ${missing.length - 1} more registers` : ''
  return missing.length === 0
    ? []
    : [`the baseline says nothing of ${missing[0] ?? ''}${more}: they are unknown of host class ${name}`]
}

/** A host class that is not a member, and why. */
export type LeftOut = { readonly host: Pick<ClassifiedHost, 'class' | 'nodes'>; readonly why: string }

const MOST_NAMED = 3

const leftOutNote = (why: string, hosts: readonly LeftOut['host'][]): string => {
  const nodes = hosts.reduce((sum, host) => sum + host.nodes, 0)
  const names = hosts.slice(0, MOST_NAMED).map((host) => host.class)
  const more = hosts.length > MOST_NAMED ? ` and ${hosts.length - MOST_NAMED} more` : ''
  const counted = `${names.join(', ')}${more} (${nodes} ${nodes === 1 ? 'node' : 'nodes'})`
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

/**
 * What guests read untrapped on most nodes: one odd host must not leave the fleet out. If two groups are equally large, the one
 * with the first member wins. `members` are in reference order.
 */
const shownOnMost = (members: readonly Member[]): Untrapped | undefined => {
  const groups = Map.groupBy(members, ({ host }) => untrappedText(host))
  const nodes = (group: readonly Member[]): number => group.reduce((sum, one) => sum + one.nodes, 0)
  const [largest] = [...groups.values()].toSorted((a, b) => nodes(b) - nodes(a))
  return largest?.[0]?.host
}

/**
 * The hosts a baseline can be taken from, in reference order: those that have what the profile requires and show a guest the
 * untrapped values of the baseline (`shown`; before there is one: those of most nodes), because hosts that differ there never reach
 * each other.
 */
export const membersOf = (
  hosts: readonly ClassifiedHost[],
  resolved: ResolvedSpec,
  shown?: Untrapped,
): Members => {
  const candidates = inReferenceOrder(hosts).map((host) => ({ host, asked: candidate(host, resolved) }))
  const able = candidates.flatMap(({ asked }) => (asked.kind === 'able' ? [asked.member] : []))
  const reference = shown ?? shownOnMost(able)
  const members: Member[] = []
  const leftOut: LeftOut[] = []
  for (const { host, asked } of candidates) {
    if (asked.kind === 'unable') leftOut.push({ host, why: asked.why })
    else if (reference !== undefined && untrappedText(reference) !== untrappedText(host.host)) {
      const [there, here] = [untrappedText(host.host), untrappedText(reference)]
      leftOut.push({ host, why: `guests read ${there} there, ${here} on its members` })
    } else members.push(asked.member)
  }
  return { members, leftOut, notes: members.flatMap(untoldNotes) }
}
