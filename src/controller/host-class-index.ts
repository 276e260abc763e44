import { isDeepStrictEqual } from 'node:util'
import type { HostDocument } from '../api/host-document.ts'
import type { NodeReport } from './node-report.ts'
import { isOfOtherBoot } from './is-of-other-boot.ts'
import { RefusalIndex } from './refusal-index.ts'
import type { TrialRefusal } from './trial-refusal.ts'

/** The nodes of one host class. One host document is kept for all of them. */
export type HostClassEntry = {
  readonly class: string
  /** The document of one member, because every member's document leads to the same decisions. */
  readonly host: HostDocument
  /** Node names, sorted. */
  readonly nodes: readonly string[]
  /** Kernel release of the first node by name. */
  readonly kernel: string
}

/** All reports by host class. `set` and `remove` say whether anything changed that a profile's status shows. */
export class HostClassIndex {
  readonly #reports = new Map<string, NodeReport>()
  /** The reports of nodes that refuse something: few, so that a change of any other costs nothing more. */
  readonly #refusing = new Map<string, NodeReport>()
  readonly #boots = new Map<string, string | undefined>()
  /** Weak references, because a list of many pages is classified before any of it is in #reports. */
  readonly #hosts = new Map<string, WeakRef<HostDocument>>()
  #entries: readonly HostClassEntry[] | undefined
  #refusals: RefusalIndex | undefined

  /** The copy of a document that is kept for its class. */
  intern(hostClass: string, host: HostDocument): HostDocument {
    const kept = this.#hosts.get(hostClass)?.deref()
    if (kept !== undefined) return kept
    this.#hosts.set(hostClass, new WeakRef(host))
    return host
  }

  set(node: string, report: NodeReport): boolean {
    const before = this.#reports.get(node)
    this.#reports.set(node, report)
    if (report.state.kind === 'host' && report.state.refused.length > 0) this.#refusing.set(node, report)
    else this.#refusing.delete(node)
    return this.#changed(before === undefined || !sameForProfiles(before, report))
  }

  remove(node: string): boolean {
    this.#refusing.delete(node)
    return this.#changed(this.#reports.delete(node))
  }

  /** Records the boot of a node; undefined: its kubelet has not told it. */
  setBoot(node: string, bootID: string | undefined): boolean {
    const before = this.#boots.get(node)
    this.#boots.set(node, bootID)
    return this.#changed(before !== bootID && this.#refusing.has(node))
  }

  /** Drops the boot of a node that is gone. Its report may stay for a while. */
  removeBoot(node: string): boolean {
    this.#boots.delete(node)
    return this.#changed(this.#refusing.has(node))
  }

  /** The report of the node's agent; undefined without one. */
  reportOf(node: string): NodeReport | undefined {
    return this.#reports.get(node)
  }

  /** Every class, sorted by name. */
  entries(): readonly HostClassEntry[] {
    this.#entries ??= this.#build()
    return this.#entries
  }

  /** What the first node of a class that refused a revision said of it. `host`: the copy that is kept for the class. */
  refusal(host: HostDocument, revision: string): TrialRefusal | undefined {
    return this.#refused().get(host, revision)
  }

  /** `class/revision` of each pair that a node has refused, sorted. */
  refusals(): readonly string[] {
    return this.#refused().pairs()
  }

  /** How many nodes have a report. */
  get total(): number {
    return this.#reports.size
  }

  /** How many nodes report that they have no usable KVM. */
  get withoutKvm(): number {
    return [...this.#reports.values()].filter(({ state }) => state.kind === 'no-host').length
  }

  #changed(changed: boolean): boolean {
    if (changed) {
      this.#entries = undefined
      this.#refusals = undefined
    }
    return changed
  }

  /** Of nodes that are there, and have not booted since: else a dead node would speak for its class for ever. */
  #refused(): RefusalIndex {
    this.#refusals ??= new RefusalIndex(
      new Map([...this.#refusing].filter(([node, { state }]) => this.#isPresent(node, state))),
    )
    return this.#refusals
  }

  #isPresent(node: string, state: NodeReport['state']): boolean {
    return (
      this.#boots.has(node) && state.kind === 'host' && !isOfOtherBoot(this.#boots.get(node), state.bootID)
    )
  }

  #build(): readonly HostClassEntry[] {
    const members = new Map<string, { node: string; host: HostDocument; kernel: string }[]>()
    for (const [node, { state }] of this.#reports) {
      if (state.kind !== 'host') continue
      const list = members.get(state.class) ?? []
      list.push({ node, host: state.host, kernel: state.kernel })
      members.set(state.class, list)
    }
    for (const [known, host] of this.#hosts) if (host.deref() === undefined) this.#hosts.delete(known)
    return [...members]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([hostClass, list]) => {
        const sorted = list.sort((a, b) => (a.node < b.node ? -1 : 1))
        const first = sorted[0]
        if (first === undefined) return []
        const nodes = sorted.map((one) => one.node)
        return [{ class: hostClass, host: first.host, nodes, kernel: first.kernel }]
      })
  }
}

/** What a node refuses counts for one boot. */
const refusedIn = ({ refused, bootID }: Extract<NodeReport['state'], { kind: 'host' }>): object =>
  refused.length === 0 ? {} : { refused, bootID }

const sameForProfiles = (a: NodeReport, b: NodeReport): boolean => {
  if (a.state.kind === 'host' && b.state.kind === 'host')
    return (
      a.state.class === b.state.class &&
      a.state.kernel === b.state.kernel &&
      isDeepStrictEqual(refusedIn(a.state), refusedIn(b.state))
    )
  if (a.state.kind === 'no-host' && b.state.kind === 'no-host') return a.state.reason === b.state.reason
  return a.state.kind === b.state.kind
}
