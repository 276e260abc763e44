import type { Baseline, CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { PlanFinding } from '../../api/finding.ts'
import { fromHex64, toHex64 } from '../../api/hex64.ts'
import { architectureVersion } from '../../arm64/architecture-version.ts'
import { hasFeature } from '../../arm64/feature.ts'
import type { GuestView } from '../../arm64/register.ts'
import { architectureFeatures } from './architecture-features.ts'
import type { ArchitectureFeatures } from './architecture-features.ts'
import { architectureView, seenBeyond } from './architecture-view.ts'
import type { BeyondVersion } from './architecture-view.ts'
import {
  cacheNotes,
  cannotShow,
  differencesNotTolerated,
  laterGenerationNotes,
  unshowable,
} from './baseline-of-nodes.ts'
import type { NodesBaseline } from './baseline-of-nodes.ts'
import { largestSubsets } from './common-subsets.ts'
import type { CompileInput } from '../compile-result.ts'
import { planFinding } from '../../catalogue/plan-reasons.ts'
import { leftOutNotes, membersOf, untoldNotes } from './member.ts'
import type { LeftOut, Member, Members } from './member.ts'
import { inReferenceOrder } from './reference-member.ts'
import type { ResolvedSpec } from '../spec/resolve-spec.ts'
import { notLevelable, takeBaseline } from './take-baseline.ts'
import type { BaselineTerms } from './take-baseline.ts'
import { requiredVcpuFeatures } from '../spec/vcpu-policies.ts'

type ArchitectureBase = NonNullable<CpuFeatureProfileSpec['base']['architecture']>

type Asked = {
  readonly resolved: ResolvedSpec
  readonly base: ArchitectureBase
  readonly terms: BaselineTerms
  readonly features: ArchitectureFeatures
}

const lackedBy = ({ prediction }: Member, { features }: Asked): readonly string[] =>
  features.mandatory.filter((name) => !hasFeature(prediction.limitView, name))

const lackOf = (member: Member, asked: Asked): LeftOut => ({
  host: member,
  why: `it lacks ${lackedBy(member, asked).join(', ')} of ${asked.base.version}`,
})

/** Each feature once, however many host classes lack it. */
const lackFindings = (members: readonly Member[], asked: Asked): readonly PlanFinding[] =>
  asked.features.mandatory.flatMap((name) => {
    const [first, ...others] = members.filter((member) => lackedBy(member, asked).includes(name))
    if (first === undefined) return []
    const limit = `not in host class ${first.class}${others.length > 0 ? ` and ${others.length} more` : ''}`
    return [
      planFinding(
        'RequiredFeatureMissing',
        { wanted: name, limit },
        { by: 'member', feature: name, version: asked.base.version },
      ),
    ]
  })

const nodesOf = (members: readonly Member[]): number => members.reduce((sum, { nodes }) => sum + nodes, 0)

const haveCommonView = (members: readonly Member[], { resolved, terms }: Asked): boolean => {
  if (members.length < 2) return true
  const taken = takeBaseline(members, terms)
  return taken.kind === 'taken' && unshowable(resolved, members, taken.baseline).length === 0
}

/** The largest group of nodes whose classes have a common view: one odd host must not leave the fleet out. */
const mostInCommon = (members: readonly Member[], asked: Asked): readonly Member[] => {
  if (haveCommonView(members, asked)) return members
  const subsets = largestSubsets(members, (subset) => haveCommonView(subset, asked), members.length)
  return subsets.toSorted((a, b) => nodesOf(b) - nodesOf(a))[0] ?? []
}

/** Why a host class has no view in common with the members; undefined if it has one. */
const whyNotWith = (
  other: Member,
  { baseline, members }: { readonly baseline: Baseline; readonly members: readonly Member[] },
  { resolved, terms }: Asked,
): string | undefined => {
  const taken = takeBaseline([...members, other], terms)
  if (taken.kind !== 'taken') return notLevelable(taken.findings)
  return unshowable(resolved, [other], baseline).length > 0 ? cannotShow(other) : undefined
}

const beyondVersion = ({ resolved, features }: Asked): BeyondVersion => ({
  beyond: features.beyond,
  kept: [...features.mandatory, ...features.brought, ...resolved.required.map(({ name }) => name)],
})

const viewOf = ({ registers }: Baseline): GuestView =>
  new Map(Object.entries(registers).map(([name, value]) => [name, fromHex64(value)]))

const staysNotes = (baseline: Baseline, asked: Asked): readonly string[] => {
  const { beyond, kept } = beyondVersion(asked)
  // The owner asked for the features that the profile requires.
  const names = seenBeyond(viewOf(baseline), { beyond, kept }).join(', ')
  return names === ''
    ? []
    : [`guests see more than ${asked.base.version}, because the KVM of some node cannot hide it: ${names}`]
}

const trimmed = (baseline: Baseline, members: readonly Member[], asked: Asked): Baseline => {
  const view = architectureView(
    viewOf(baseline),
    beyondVersion(asked),
    members.map(({ prediction }) => prediction),
  )
  return {
    ...baseline,
    architecture: asked.base.version,
    registers: Object.fromEntries([...view].map(([name, value]) => [name, toHex64(value)])),
  }
}

/** The hosts that have the version and what else the profile requires, and the host classes left out for another reason. */
type Fitting = Members & { readonly lacking: readonly Member[] }

const fittingOf = (hosts: CompileInput['hosts'], asked: Asked, kept?: Baseline): Fitting => {
  const each = inReferenceOrder(hosts).map((host) => ({ host, ...membersOf([host], asked.resolved) }))
  const lacking = each.flatMap(({ members }) =>
    members.filter((member) => lackedBy(member, asked).length > 0),
  )
  const fits = each.filter(({ members }) => members.some((member) => !lacking.includes(member)))
  const fitting = membersOf(
    fits.map(({ host }) => host),
    asked.resolved,
    kept,
  )
  const lack = lacking.map((member) => lackOf(member, asked))
  return {
    members: fitting.members,
    leftOut: [...each.flatMap((one) => one.leftOut), ...lack, ...fitting.leftOut],
    lacking,
  }
}

/** A baseline and its members, with notes on it and on the host classes that are left out of it. */
const described = (
  baseline: Baseline,
  members: readonly Member[],
  fitting: Fitting,
  asked: Asked,
): Extract<NodesBaseline, { kind: 'baseline' }> => {
  const outside = fitting.members
    .filter((member) => !members.includes(member))
    .flatMap((host) => {
      const why = whyNotWith(host, { baseline, members }, asked)
      return why === undefined ? [] : [{ host, why }]
    })
  return {
    kind: 'baseline',
    baseline,
    notes: [
      ...asked.features.notes,
      ...staysNotes(baseline, asked),
      ...leftOutNotes([...fitting.leftOut, ...outside]),
      ...untoldNotes(members),
      ...cacheNotes(baseline),
    ],
  }
}

const take = ({ hosts }: CompileInput, asked: Asked): NodesBaseline => {
  if (hosts.length === 0) {
    const message =
      'no node has reported yet; values that are not features come from the nodes that have the version'
    return { kind: 'waiting', reason: 'WaitingForNodes', message }
  }
  const fitting = fittingOf(hosts, asked)
  const members = mostInCommon(fitting.members, asked)
  const taken = members.length === 0 ? undefined : takeBaseline(members, asked.terms)
  if (taken?.kind !== 'taken') {
    const notes = [...leftOutNotes(fitting.leftOut), ...untoldNotes(fitting.members)]
    const message = `no node can show ${asked.base.version} and what else the profile requires: ${notes.join('; ')}`
    const findings = lackFindings(fitting.lacking, asked)
    return { kind: 'not-compiled', reason: 'NoMember', message, findings }
  }
  return described(trimmed(taken.baseline, members, asked), members, fitting, asked)
}

const keep = ({ hosts }: CompileInput, previous: Baseline, asked: Asked): NodesBaseline => {
  const refused = differencesNotTolerated(previous, asked.resolved)
  if (refused !== undefined) return refused
  const fitting = fittingOf(hosts, asked, previous)
  const present = fitting.members.filter((member) => previous.classes.includes(member.class))
  const kept = described(previous, present, fitting, asked)
  const { generation } = asked.base
  const said = laterGenerationNotes(previous, generation, 'base.architecture.generation')
  return { ...kept, notes: [...said, ...kept.notes] }
}

/**
 * The baseline of base `architecture`: what all hosts with the version's mandatory features have in common, without the features beyond
 * the version. It is taken when the first fitting host has reported, and kept while version and `generation` stay the same.
 */
export const baselineOfArchitecture = (
  input: CompileInput,
  resolved: ResolvedSpec,
  base: ArchitectureBase,
): NodesBaseline => {
  const version = architectureVersion(base.version)
  if (version === undefined) throw new Error(`${base.version} was resolved and is not known`)
  const asked: Asked = {
    resolved,
    base,
    features: architectureFeatures(version, base.version, requiredVcpuFeatures(resolved.policies)),
    terms: {
      generation: base.generation,
      tolerates: resolved.tolerates,
      hidesMidr: resolved.spec.implementation?.midr === 'FromBaseline',
    },
  }
  const previous = input.previousBaseline
  return previous?.architecture === base.version && previous.generation >= base.generation
    ? keep(input, previous, asked)
    : take(input, asked)
}
