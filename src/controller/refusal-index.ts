import type { HostDocument } from '../api/host-document.ts'
import type { NodeReport } from './node-report.ts'
import type { TrialRefusal } from './trial-refusal.ts'

/**
 * The revisions that nodes have refused in trials, by host class. One node speaks for its class, because the nodes of a class are
 * interchangeable: what KVM refuses on one, a launch on another would find out. It never speaks for another class.
 */
export class RefusalIndex {
  /** By the one document that is kept for a class. */
  readonly #byHost = new Map<HostDocument, Map<string, TrialRefusal>>()
  readonly #pairs = new Set<string>()

  /** `reports`: by node, in an order that lasts, so that the first node that refused is the one that is named from then on. */
  constructor(reports: ReadonlyMap<string, Pick<NodeReport, 'state'>>) {
    for (const [node, { state }] of reports) {
      if (state.kind !== 'host') continue
      for (const refused of state.refused) this.#add(state, { node, refused })
    }
  }

  get(host: HostDocument, revision: string): TrialRefusal | undefined {
    return this.#byHost.get(host)?.get(revision)
  }

  /** `class/revision` each, sorted. */
  pairs(): readonly string[] {
    return [...this.#pairs].sort()
  }

  #add({ host, class: name }: { host: HostDocument; class: string }, refusal: TrialRefusal): void {
    const { revision } = refusal.refused
    const ofHost = this.#byHost.get(host) ?? new Map<string, TrialRefusal>()
    this.#byHost.set(host, ofHost)
    if (!ofHost.has(revision)) ofHost.set(revision, refusal)
    this.#pairs.add(`${name}/${revision}`)
  }
}
