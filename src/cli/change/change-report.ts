import type { Plan } from '../../api/plan.ts'
import { vmRows, type VmFacts, type VmRow } from '../vms/vm-report.ts'
import { waysOf } from '../vms/vm-ways.ts'

/** A revision, as it is or would be. */
export type PlannedRevision = { readonly revision: string; readonly plan: Plan }

/** A cluster and a change of it: a profile that is made or edited, nodes that are drained, or both. */
export type Change = {
  /** Whose VMs count; all if undefined. */
  readonly profile?: string
  /** The profile's current revision; undefined if it has none. */
  readonly before?: PlannedRevision
  /** What it would compile to; undefined if no profile is given, or with `why` if it would not compile. */
  readonly after?: PlannedRevision
  readonly why?: string
  readonly drained: ReadonlySet<string>
  readonly facts: VmFacts
}

/** A revision, and how many nodes fit it. */
type RevisionSummary = { readonly revision: string; readonly nodes: number }

type Lost = { readonly class: string; readonly nodes: readonly string[]; readonly why: string }

/** What a change would do: what `cpufeatures plan -o json` prints. */
export type ChangeReport = {
  readonly profile: string | undefined
  readonly before: RevisionSummary | undefined
  readonly after: RevisionSummary | undefined
  /** Why the profile would not compile: the last revision would go on serving. */
  readonly why: string | undefined
  /** Nodes that fit the current revision and not the next one, by class, and the other way round. */
  readonly lost: readonly Lost[]
  readonly gained: readonly string[]
  readonly drained: readonly string[]
  /** The VMs that run: all, those on drained nodes, and those that no other node could take. */
  readonly vms: { readonly running: number; readonly toMove: number; readonly stranded: readonly VmRow[] }
  /** What the controller would write: objects of revisions, and patches of nodes. */
  readonly writes: { readonly revisions: number; readonly nodes: number }
}

const fitting = (one: PlannedRevision | undefined, { facts, drained }: Change) => {
  if (one === undefined) return undefined
  const ways = waysOf({ ...one, from: undefined, acceptsOneWay: false }, facts.classes)
  return { ...ways, nodes: ways.nodes.filter((node) => !drained.has(node)) }
}

/** The nodes that an edit takes from new VMs, and those that it adds. */
const nodeChanges = (
  before: ReturnType<typeof fitting>,
  after: ReturnType<typeof fitting>,
): Pick<ChangeReport, 'lost' | 'gained'> => {
  const had = new Set(before?.nodes)
  return {
    lost: (after?.closed ?? []).flatMap(({ class: one, why }) => {
      const nodes = one.nodes.filter((node) => had.has(node))
      return nodes.length === 0 ? [] : [{ class: one.class, nodes, why }]
    }),
    gained: (after?.nodes ?? []).filter((node) => !had.has(node)),
  }
}

const vmChanges = ({ facts, drained }: Change): ChangeReport['vms'] => {
  const placed = vmRows({ ...facts, without: drained }).filter(({ node }) => node !== undefined)
  return {
    running: placed.length,
    toMove: placed.filter(({ node = '' }) => drained.has(node)).length,
    stranded: placed.filter(({ otherNodes }) => otherNodes === 0),
  }
}

const summary = (
  one: PlannedRevision | undefined,
  ways: ReturnType<typeof fitting>,
): RevisionSummary | undefined => one && { revision: one.revision, nodes: ways?.nodes.length ?? 0 }

/** Says what a change would do. Running VMs keep their revision. */
export const changeReport = (change: Change): ChangeReport => {
  const { profile, before, after, why, drained } = change
  const [had, has] = [fitting(before, change), fitting(after, change)]
  const isNew = after !== undefined && after.revision !== before?.revision
  const fitsNext = summary(after, has)
  return {
    ...{ profile, why, before: summary(before, had), after: fitsNext },
    ...(isNew ? nodeChanges(had, has) : { lost: [], gained: [] }),
    drained: [...drained],
    vms: vmChanges(change),
    writes: isNew ? { revisions: 1, nodes: fitsNext?.nodes ?? 0 } : { revisions: 0, nodes: 0 },
  }
}
