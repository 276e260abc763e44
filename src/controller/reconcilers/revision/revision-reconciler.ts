import type { CpuFeatureProfileRevision } from '../../../api/cpu-feature-profile-revision.ts'
import { PROFILE_LABEL, REVISION_FINALIZER } from '../../../api/names.ts'
import type { ReconcileResult } from '../../../kube/run-workers.ts'
import { unknownInPlan } from '../../../compatibility/unreadable-plan.ts'
import { pinsAtServer } from '../../pins-at-server.ts'
import type { Enqueue, Reconciler, ReconcilerContext } from '../../reconciler.ts'
import { REVISIONS } from '../../../api/resources.ts'
import { profileOfRevision } from '../../../plan/revision-name.ts'
import { decideRevision, type RevisionDecision } from './decide-revision.ts'

/** Keeps revisions while pods are pinned to them, and deletes those that nobody needs. */
export class RevisionReconciler implements Reconciler {
  readonly name = 'revision'
  readonly concurrency = 2
  readonly #context: ReconcilerContext

  constructor(context: ReconcilerContext) {
    this.#context = context
  }

  watch(enqueue: Enqueue): void {
    const { state, judgements } = this.#context
    state.revisions.subscribe(({ kind, object }) => {
      if (kind === 'delete') judgements.forget(object.metadata.name)
      else enqueue(object.metadata.name)
      if (kind === 'add') this.#warnOfUnknown(object)
    })
    state.onUse(({ revisions }) => {
      for (const revision of revisions) enqueue(revision)
    })
    const allOf = (profile: string) => {
      for (const { metadata } of state.revisions.list())
        if (profileOfRevision(metadata.name) === profile) enqueue(metadata.name)
    }
    state.currents.onChange(allOf)
    state.profiles.subscribe(({ kind, object }) => {
      if (kind === 'delete') allOf(object.metadata.name)
    })
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { state } = this.#context
    const revision = state.revisions.get({ name: key })
    if (revision === undefined || state.holds.isBehind(revision)) return undefined
    const decision = decideRevision({
      revision,
      current: state.currents.isCurrent(key),
      pinned: state.users.isPinned(key),
    })
    const lets = decision.kind === 'release' || decision.kind === 'delete'
    if (lets && (await this.#isPinnedAtServer(key))) return undefined
    await this.#act(revision, decision)
    return undefined
  }

  /** A newer controller compiled it. Nodes keep the labels that bound pods require, and get no new ones. */
  #warnOfUnknown({ metadata, spec }: CpuFeatureProfileRevision): void {
    const unknown = unknownInPlan(spec)
    if (unknown.length > 0)
      this.#context.log.warn(
        { revision: metadata.name, unknown },
        'the revision names what this version of the controller does not know: no node is said to fit it',
      )
  }

  async #act(revision: CpuFeatureProfileRevision, decision: RevisionDecision): Promise<void> {
    const { client, log, state } = this.#context
    const { name, uid = '', resourceVersion = '' } = revision.metadata
    switch (decision.kind) {
      case 'nothing':
        return
      case 'hold':
        await state.holds.hold(client, revision)
        break
      case 'release':
        await state.holds.release(client, revision)
        break
      case 'label':
        await client.patchMerge(
          REVISIONS,
          { name },
          { metadata: { labels: { [PROFILE_LABEL]: decision.profile } } },
        )
        break
      case 'delete':
        await client.delete(REVISIONS, { name }, { preconditions: { uid, resourceVersion } })
        break
      default:
        decision satisfies never
    }
    log.info({ revision: name, action: decision.kind, finalizer: REVISION_FINALIZER }, 'revision changed')
  }

  /** Called before something is released for good, because the watched pods may lag behind a pin that was just made. */
  async #isPinnedAtServer(revision: string): Promise<boolean> {
    const { client, state } = this.#context
    for await (const revisions of pinsAtServer(client, { profile: profileOfRevision(revision) }))
      if (revisions.includes(revision)) return true
    return state.users.isPinned(revision)
  }
}
