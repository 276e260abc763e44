import type { CpuFeatureProfileRevision } from '../api/cpu-feature-profile-revision.ts'
import { REVISION_FINALIZER } from '../api/names.ts'
import type { Informer } from '../kube/informer.ts'
import type { JsonPatchOperation, KubeClient } from '../kube/kube-client.ts'
import { OwnWrites } from './own-writes.ts'
import { patchTested } from './patch-tested.ts'
import { REVISIONS } from '../api/resources.ts'

type Client = Pick<KubeClient, 'patchJson'>

/** Adds and removes our finalizer on revisions, each time once, even if many pods ask for it at the same moment. */
export class RevisionHolds {
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #writes: OwnWrites<CpuFeatureProfileRevision>

  constructor(revisions: Pick<Informer<CpuFeatureProfileRevision>, 'get' | 'subscribe'>) {
    this.#writes = new OwnWrites(revisions)
  }

  /** Whether a watched revision is older than our own last write of its finalizers. */
  isBehind({ metadata }: CpuFeatureProfileRevision): boolean {
    return this.#writes.isBehind(metadata)
  }

  /** Whether our finalizer is set, as far as we know: in the watched revision, or by our own later write. */
  isHeld(revision: CpuFeatureProfileRevision): boolean {
    const { finalizers } = this.#writes.written(revision.metadata) ?? revision.metadata
    return finalizers?.includes(REVISION_FINALIZER) === true
  }

  /** Adds our finalizer if it is missing. Fails with 409 if the revision has changed since we read it. */
  async hold(client: Client, revision: CpuFeatureProfileRevision): Promise<void> {
    const { name, finalizers = [] } = revision.metadata
    const underWay = this.#underWay.get(name)
    if (underWay !== undefined || this.isHeld(revision)) return underWay
    const writing = this.#set(client, revision, [...finalizers, REVISION_FINALIZER]).finally(() => {
      this.#underWay.delete(name)
    })
    this.#underWay.set(name, writing)
    return writing
  }

  /** Removes our finalizer, and no other. Fails with 409 if the revision has changed since we read it. */
  async release(client: Client, revision: CpuFeatureProfileRevision): Promise<void> {
    const others = (revision.metadata.finalizers ?? []).filter((one) => one !== REVISION_FINALIZER)
    await this.#set(client, revision, others)
  }

  async #set(client: Client, { metadata }: CpuFeatureProfileRevision, value: string[]): Promise<void> {
    const { name, resourceVersion } = metadata
    const operations: JsonPatchOperation[] = [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'add', path: '/metadata/finalizers', value },
    ]
    this.#writes.wrote(await patchTested(client, REVISIONS, { name }, { operations }))
  }
}
