import { isApiError } from '../../../kube/api-error.ts'
import type { ReconcileResult } from '../../../kube/run-workers.ts'
import { isOfOtherBoot } from '../../is-of-other-boot.ts'
import { pinsAtServer } from '../../pins-at-server.ts'
import { OwnWrites } from '../../own-writes.ts'
import type { Enqueue, Reconciler, ReconcilerContext } from '../../reconciler.ts'
import { NODES, type Node } from '../../resources.ts'
import { decideNodeLabels, type LabelDecision, type NodeFacts } from './decide-node-labels.ts'

/** Labels nodes with their host class and with the live revisions that fit them. */
export class NodeLabelsReconciler implements Reconciler {
  readonly name = 'node-labels'
  readonly concurrency = 4
  readonly #context: ReconcilerContext
  readonly #writes: OwnWrites<Node>
  #live = ''
  #refusals = ''

  constructor(context: ReconcilerContext) {
    this.#context = context
    this.#writes = new OwnWrites(context.state.nodes)
  }

  watch(enqueue: Enqueue): void {
    const { state } = this.#context
    state.nodes.subscribe(({ kind, object }) => {
      if (kind !== 'delete') enqueue(object.metadata.name)
    })
    state.onReport((node) => {
      enqueue(node)
    })
    state.onUse(({ nodes }) => {
      for (const node of nodes) enqueue(node)
    })
    const whenLiveChanges = () => {
      if (this.#liveChanged()) for (const node of state.nodes.list()) enqueue(node.metadata.name)
    }
    state.onClasses(() => {
      if (this.#refusalsChanged()) for (const node of state.nodes.list()) enqueue(node.metadata.name)
    })
    state.revisions.subscribe(whenLiveChanges)
    state.profiles.subscribe(whenLiveChanges)
    state.currents.onChange(whenLiveChanges)
    state.onUse(whenLiveChanges)
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { state } = this.#context
    const node = state.nodes.get({ name: key })
    if (node === undefined || node.metadata.deletionTimestamp !== undefined) return undefined
    if (this.#writes.isBehind(node.metadata)) return undefined
    let decision = decideNodeLabels(this.#gather(node, state.users.requiredOn(key)))
    if (decision.kind === 'patch' && decision.removes.length > 0) decision = await this.#askAgain(node)
    if (decision.kind === 'patch') await this.#write(node, decision.labels)
    return undefined
  }

  /**
   * With uid and resourceVersion: the API server refuses the write with 409 if the node has changed since we read it. So a late write of
   * a former leader cannot undo what its successor has written.
   */
  async #write(node: Node, labels: Readonly<Record<string, string | null>>): Promise<void> {
    const { client, log } = this.#context
    const { name, uid, resourceVersion } = node.metadata
    try {
      this.#writes.wrote(
        await client.patchMerge(NODES, { name }, { metadata: { uid, resourceVersion, labels } }),
      )
    } catch (error) {
      // The node has gone, and its labels with it.
      if (isApiError(error, 404)) return
      throw error
    }
    log.info({ node: name, labels }, 'node labels written')
  }

  #gather(node: Node, required: ReadonlySet<string>): NodeFacts {
    const { state, judgements } = this.#context
    const labels = node.metadata.labels ?? {}
    const report = state.classes.reportOf(node.metadata.name)?.state
    if (report?.kind === 'pending') return { labels, hostClass: { kind: 'pending' }, fitting: [], required }
    if (report?.kind !== 'host' || isOfOtherBoot(node.status?.nodeInfo?.bootID, report.bootID))
      return { labels, hostClass: { kind: 'none' }, fitting: [], required }
    const fitting = state
      .liveRevisions()
      .filter(
        ({ metadata, spec }) => judgements.verdict(metadata.name, spec, report.host).kind === 'compatible',
      )
      .map(({ metadata }) => metadata.name)
    return { labels, hostClass: { kind: 'class', name: report.class }, fitting, required }
  }

  /** Before removing a revision's label, asks the API server for the pods bound to the node, because the watched pods may lag. */
  async #askAgain(node: Node): Promise<LabelDecision> {
    const required = new Set<string>()
    for await (const revisions of pinsAtServer(this.#context.client, { node: node.metadata.name }))
      for (const revision of revisions) required.add(revision)
    return decideNodeLabels(this.#gather(node, required))
  }

  /** One node speaks for its class: the labels of the others change with its report. */
  #refusalsChanged(): boolean {
    const refusals = this.#context.state.classes.refusals().join()
    const changed = refusals !== this.#refusals
    this.#refusals = refusals
    return changed
  }

  #liveChanged(): boolean {
    const live = this.#context.state
      .liveRevisions()
      .map(({ metadata }) => metadata.name)
      .sort()
      .join()
    const changed = live !== this.#live
    this.#live = live
    return changed
  }
}
