import type { Baseline, CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import { fromHex64, toHex64 } from '../../api/hex64.ts'
import { fieldRef } from '../../arm64/field-ref.ts'
import { CACHE_GEOMETRY_IDS } from '../../arm64/stream-registers.ts'
import type { CompileInput, CompileResult } from '../compile-result.ts'
import type { PlanFinding } from '../../api/finding.ts'
import type { HostDocument } from '../../api/host-document.ts'
import { isUnknownFit, planFinding } from '../../catalogue/plan-reasons.ts'
import { canonicalJson } from '../../plan/canonical-json.ts'
import { showsOtherImplementation } from '../../prediction/told-of-host.ts'
import { largestSubsets } from './common-subsets.ts'
import { leftOutNotes, membersOf, untoldNotes } from './member.ts'
import type { Member, Members } from './member.ts'
import type { ResolvedSpec } from '../spec/resolve-spec.ts'
import { shownImplementation } from '../spec/shown-implementation.ts'
import { notLevelable, takeBaseline } from './take-baseline.ts'
import type { BaselineTerms } from './take-baseline.ts'
import { ALL_REPORTED, silentNotes, waitsFor } from './unreported-nodes.ts'
import { stillTolerated } from './tolerated-kind.ts'
import { isUnknownToGuests } from './unknown-to-guests.ts'

type NodesBase = NonNullable<CpuFeatureProfileSpec['base']['nodes']>

/** The baseline of base `nodes` or `architecture`, or why there is none (yet). */
export type NodesBaseline =
  | {
      readonly kind: 'baseline'
      readonly baseline: Baseline
      readonly notes: readonly string[]
    }
  | Extract<CompileResult, { readonly kind: 'waiting' | 'not-compiled' }>

const waiting = (message: string): NodesBaseline => ({ kind: 'waiting', reason: 'WaitingForNodes', message })

const notWritableImplementation = ({ host }: Member, shown: Baseline['implementation']): boolean => {
  if (showsOtherImplementation(host) === 'yes') return false
  return (['midr', 'revidr', 'aidr'] as const).some(
    (name) => (shown?.[name] ?? host.cpu[name]) !== host.cpu[name],
  )
}

/** The members that cannot show the implementation ID of the profile (Linux before 6.15), or of which nobody knows whether they can. */
export const unshowable = (
  resolved: ResolvedSpec,
  members: readonly Member[],
  baseline: Baseline,
): Member[] => {
  const shown = shownImplementation(resolved, baseline.implementation)
  return members.filter((member) => notWritableImplementation(member, shown))
}

const unshowableFinding = (host: HostDocument, { implementation }: Baseline): PlanFinding => {
  const said = { register: 'MIDR_EL1', wanted: implementation?.midr ?? '', limit: host.cpu.midr }
  return showsOtherImplementation(host) === 'unknown'
    ? planFinding('ImplementationIdUnknown', said)
    : planFinding('ImplementationIdNotWritable', { ...said, writable: false }, host.kernel.release)
}

/** With more members than this, compiling does not look at each pair; `cpufeatures baseline` does. */
const MOST_COMPARED = 16

/** Which of the members have a view in common, for a message. */
const subsetsText = (members: readonly Member[], terms: BaselineTerms, resolved: ResolvedSpec): string => {
  if (members.length === 2) return ''
  if (members.length > MOST_COMPARED) return '; cpufeatures baseline names the largest sets that have one'
  const subsets = largestSubsets(members, (subset) => {
    const taken = takeBaseline(subset, terms)
    return taken.kind === 'taken' && unshowable(resolved, subset, taken.baseline).length === 0
  })
  const named = subsets.filter(({ length }) => length > 1)
  if (named.length === 0) return '; no two of them have one'
  return `; the largest sets that have one: ${named.map((set) => set.map((one) => one.class).join(' with ')).join(', or ')}`
}

/** What guests can tell of a difference that is in no ID register. */
export const cacheNotes = ({ registerList }: Baseline): readonly string[] =>
  CACHE_GEOMETRY_IDS.every((id) => registerList.exclude.includes(toHex64(id)))
    ? [
        'CCSIDR_EL1 is left out of the register list, because the members have cache lines of different size: ' +
          'guests see those of the host that they run on',
      ]
    : []

const takeFirst = (
  input: CompileInput,
  { minNodes }: NodesBase,
  terms: BaselineTerms,
  resolved: ResolvedSpec,
): NodesBaseline => {
  const selected = input.hosts.filter((host) => host.selected)
  const reported = selected.reduce((sum, { nodes }) => sum + nodes, 0)
  const unreported = input.unreported ?? ALL_REPORTED
  const waits = waitsFor(unreported, reported)
  if (waits !== undefined) return waiting(waits)
  if (reported < minNodes)
    return waiting(`${reported} selected nodes have reported; base.nodes.minNodes is ${minNodes}`)
  const { members, leftOut } = membersOf(selected, resolved)
  const notes = [...silentNotes(unreported), ...leftOutNotes(leftOut), ...untoldNotes(members)]
  if (members.length === 0) {
    const message = `no selected node can be a member of the baseline: ${notes.join('; ')}`
    return { kind: 'not-compiled', reason: 'NoMember', message, findings: [] }
  }
  const taken = takeBaseline(members, terms)
  if (taken.kind === 'no-common-view') {
    const subsets = subsetsText(members, terms, resolved)
    const message = taken.findings.every(isUnknownFit)
      ? `nobody knows whether ${members.length} host classes have a guest view in common that KVM lets each of them show`
      : `${members.length} host classes have no guest view in common that KVM lets each of them show${subsets}`
    return { kind: 'not-compiled', reason: 'NoCommonView', message, findings: taken.findings }
  }
  const cannot = unshowable(resolved, members, taken.baseline)
  if (cannot.length > 0) {
    const findings = cannot.map(({ host }) => unshowableFinding(host, taken.baseline))
    const message = findings.every(isUnknownFit)
      ? `nobody knows whether ${cannot.length} host classes can show the implementation ID of the baseline`
      : `${cannot.length} host classes cannot show the implementation ID of the baseline`
    return { kind: 'not-compiled', reason: 'NoCommonView', message, findings }
  }
  return {
    kind: 'baseline',
    baseline: taken.baseline,
    notes: [...notes, ...cacheNotes(taken.baseline)],
  }
}

/** Why a member cannot show the implementation ID, in a clause. */
export const cannotShow = ({ host }: Member): string =>
  showsOtherImplementation(host) === 'unknown'
    ? 'nobody knows whether its kernel can show the implementation ID'
    : 'its kernel cannot show the implementation ID'

/** So many nodes of a class must report it before it lowers a baseline: one report can be wrong, or come and go. */
const LOWERING_NODES = 2

const ONE_REPORT =
  'it would lower the baseline, and one node alone cannot do that, because its report may be wrong. A second node of this class lowers ' +
  'the baseline, and so does a higher base.nodes.generation'

type Lowered =
  | { readonly kind: 'joins' | 'lowered'; readonly baseline: Baseline }
  | { readonly kind: 'stays-out'; readonly why: string }

/** A baseline without the lists that guests cannot tell, in a form to compare. */
const shownBy = (baseline: Baseline): string => canonicalJson({ ...baseline, classes: [], hiddenMidrs: [] })

/**
 * Takes one more host class into a kept baseline. If the class cannot show the baseline, the baseline is lowered to a view that it can
 * show too. If there is no such view, or too few nodes report the class, the class stays out.
 */
const lowerOnce = (
  state: { readonly baseline: Baseline; readonly present: readonly Member[] },
  newcomer: Member,
  terms: BaselineTerms,
  resolved: ResolvedSpec,
): Lowered => {
  if (unshowable(resolved, [newcomer], state.baseline).length > 0)
    return { kind: 'stays-out', why: cannotShow(newcomer) }
  const taken = takeBaseline([...state.present, newcomer], { ...terms, bound: state.baseline })
  if (taken.kind !== 'taken') return { kind: 'stays-out', why: notLevelable(taken.findings) }
  const { baseline } = taken
  if (shownBy(baseline) === shownBy(state.baseline)) return { kind: 'joins', baseline }
  return newcomer.nodes < LOWERING_NODES
    ? { kind: 'stays-out', why: ONE_REPORT }
    : { kind: 'lowered', baseline }
}

/** What there is to say of a kept baseline at every compile: `status.notes` is written anew each time. */
const keptNotes = (
  baseline: Baseline,
  present: readonly Member[],
  leftOut: Members['leftOut'],
): readonly string[] => [...leftOutNotes(leftOut), ...untoldNotes(present), ...cacheNotes(baseline)]

const lowered = (
  previous: Baseline,
  { members, leftOut }: Members,
  terms: BaselineTerms,
  resolved: ResolvedSpec,
): Extract<NodesBaseline, { kind: 'baseline' }> => {
  let baseline = previous
  const present = members.filter((member) => previous.classes.includes(member.class))
  const said: string[] = []
  for (const newcomer of members.filter((member) => !previous.classes.includes(member.class))) {
    const next = lowerOnce({ baseline, present }, newcomer, terms, resolved)
    if (next.kind === 'stays-out') {
      said.push(`host class ${newcomer.class} stays out of the baseline: ${next.why}`)
      continue
    }
    baseline = next.baseline
    present.push(newcomer)
    if (next.kind === 'lowered') said.push(`the baseline was lowered to take in host class ${newcomer.class}`)
  }
  const notes = [...keptNotes(baseline, present, leftOut), ...said]
  return { kind: 'baseline', baseline, notes }
}

/** Why a kept baseline no longer serves: it rests on differences that the profile no longer tolerates. */
export const differencesNotTolerated = (
  previous: Baseline,
  { tolerates }: ResolvedSpec,
): NodesBaseline | undefined => {
  const pfr0 = fromHex64(previous.registers['ID_AA64PFR0_EL1'] ?? '0x0')
  const findings = previous.tolerated.flatMap((entry) => {
    const ref = fieldRef(entry)
    if (ref === undefined || isUnknownToGuests(entry.register, pfr0)) return []
    if (stillTolerated(entry.kind, ref, tolerates)) return []
    return [planFinding('NotTolerated', { register: entry.register, field: entry.field })]
  })
  if (findings.length === 0) return undefined
  const message = 'the baseline rests on differences that the profile does not tolerate'
  return { kind: 'not-compiled', reason: 'NotTolerated', message, findings }
}

/**
 * Says that a kept baseline is of a later generation than the profile asks for: the profile was created again with an older spec. Only a
 * generation above that of the kept baseline takes another one.
 */
export const laterGenerationNotes = (kept: Baseline, asked: number, path: string): readonly string[] =>
  kept.generation > asked
    ? [
        `the kept baseline is of generation ${kept.generation}, and the profile asks for ${asked}: it stays. ` +
          `Raise ${path} above ${kept.generation} to take it again`,
      ]
    : []

/** Whether a kept baseline is one of base `nodes`, and of its generation or a later one. Another one must be taken otherwise. */
export const isOfNodes = (
  kept: Baseline | undefined,
  { generation }: Pick<NodesBase, 'generation'>,
): kept is Baseline => kept !== undefined && kept.architecture === undefined && kept.generation >= generation

/**
 * The baseline of base `nodes`: taken when every selected node has reported, kept until `generation` is raised above its own, lowered for
 * new host classes if the profile says so, and never raised.
 */
export const baselineOfNodes = (
  input: CompileInput,
  resolved: ResolvedSpec,
  nodes: NodesBase,
): NodesBaseline => {
  const previous = input.previousBaseline
  const isKept = isOfNodes(previous, nodes)
  const terms: BaselineTerms = {
    generation: isKept ? previous.generation : nodes.generation,
    tolerates: resolved.tolerates,
    hidesMidr: resolved.spec.implementation?.midr === 'FromBaseline',
  }
  if (!isKept) return takeFirst(input, nodes, terms, resolved)
  const refused = differencesNotTolerated(previous, resolved)
  if (refused !== undefined) return refused
  const members = membersOf(
    input.hosts.filter((host) => host.selected || previous.classes.includes(host.class)),
    resolved,
    previous,
  )
  const said = [
    ...laterGenerationNotes(previous, nodes.generation, 'base.nodes.generation'),
    ...silentNotes(input.unreported ?? ALL_REPORTED),
  ]
  if (nodes.onNewNode === 'Lower') {
    const { baseline, notes } = lowered(previous, members, terms, resolved)
    return { kind: 'baseline', baseline, notes: [...said, ...notes] }
  }
  const present = members.members.filter((member) => previous.classes.includes(member.class))
  const notes = [...said, ...keptNotes(previous, present, members.leftOut)]
  return { kind: 'baseline', baseline: previous, notes }
}
