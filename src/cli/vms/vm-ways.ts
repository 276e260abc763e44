import type { HostDocument } from '../../api/host-document.ts'
import type { Plan } from '../../api/plan.ts'
import { reach } from '../../compatibility/reach.ts'
import { renderFinding } from '../../compatibility/render-finding.ts'
import { unreadablePlan } from '../../compatibility/unreadable-plan.ts'
import { verdict } from '../../compatibility/verdict.ts'
import { wayAlong } from '../../compatibility/way.ts'

/** A host class of the cluster. */
export type NodeClass = {
  readonly class: string
  /** The document of one of its nodes; they are alike. */
  readonly host: HostDocument
  readonly nodes: readonly string[]
  /** The revisions that a node of it refused in a trial: the class is not offered for them. */
  readonly refused: ReadonlySet<string>
}

/** What decides where the VMs of a revision can go from a class. */
export type Departure = {
  readonly revision: string
  readonly plan: Plan
  /** The class of the VM's node; undefined if it has no report: then the verdicts alone decide. */
  readonly from: NodeClass | undefined
  /** The profile accepts moves without a way back (`tolerate.surplus`). */
  readonly acceptsOneWay: boolean
}

/** Where VMs can go: the nodes, their own among them, and what keeps them from the other classes. */
export type VmWays = {
  readonly nodes: readonly string[]
  readonly closed: readonly { readonly class: NodeClass; readonly why: string }[]
}

const NOT_BACK =
  'VMs could move there, and not back; with tolerate.surplus: AcceptOneWay in the profile, they may'

/** Why the VMs of a revision cannot run on a class; undefined if they can. */
const misfit = ({ refused, host }: NodeClass, { revision, plan }: Departure): string | undefined => {
  if (refused.has(revision)) return 'a node of this class refused the revision in a trial'
  const judged = verdict(plan, host)
  if (judged.kind === 'compatible') return undefined
  const [first] = judged.findings
  return first === undefined ? 'it does not fit' : renderFinding(first)
}

/** Why VMs cannot move to a class that they fit; undefined if they can. What is unknown closes no way, as for the controller. */
const obstacle = (to: NodeClass, { plan, from, acceptsOneWay }: Departure): string | undefined => {
  if (from === undefined || from === to) return undefined
  const found = reach(plan, from.host, to.host)
  const way = wayAlong(found)
  if (way === 'open' || (way === 'one-way' && acceptsOneWay)) return undefined
  const why = found.findings[0] === undefined ? 'it is out of reach' : renderFinding(found.findings[0])
  return way === 'closed' ? why : `${NOT_BACK}: ${why}`
}

/** Where VMs can go from their node, by the CPU. Nothing is said of resources, taints or cordons. */
export const waysOf = (departure: Departure, classes: readonly NodeClass[]): VmWays => {
  const [unreadable] = unreadablePlan(departure.revision, departure.plan)
  const ways = classes.map((one) => ({
    class: one,
    why:
      unreadable === undefined
        ? (misfit(one, departure) ?? obstacle(one, departure))
        : renderFinding(unreadable),
  }))
  return {
    nodes: ways.filter(({ why }) => why === undefined).flatMap((one) => one.class.nodes),
    closed: ways.flatMap(({ class: one, why }) => (why === undefined ? [] : [{ class: one, why }])),
  }
}
