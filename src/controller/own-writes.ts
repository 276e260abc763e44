import type { Informer } from '../kube/informer.ts'
import { isOlderVersion } from '../kube/is-older-version.ts'
import type { KubeObject, ObjectMeta, ObjectRef } from '../kube/kube-object.ts'
import { objectKey } from '../kube/object-store.ts'

/**
 * Our own writes that the watch has not shown yet. Deciding on the old object would repeat the write. The change that the write
 * causes enqueues the key again, so skipping loses nothing. A write is kept until the watch shows it, or shows that the object is gone.
 */
export class OwnWrites<T extends KubeObject> {
  readonly #watched: Pick<Informer<T>, 'get' | 'subscribe'>
  readonly #written = new Map<string, ObjectMeta>()

  constructor(watched: Pick<Informer<T>, 'get' | 'subscribe'>) {
    this.#watched = watched
    watched.subscribe(({ kind, object }) => {
      const written = this.written(object.metadata)
      if (written !== undefined && (kind === 'delete' || !isBefore(object, written)))
        this.#written.delete(objectKey(object.metadata))
    })
  }

  /** Records the answer to a write. An answer that comes after the watch has shown the write, or the end of the object, is not kept. */
  wrote({ metadata }: T): void {
    const shown = this.#watched.get(metadata)
    if (shown !== undefined && isBefore(shown, metadata)) this.#written.set(objectKey(metadata), metadata)
  }

  /** The metadata of our last write, if the watch still shows an older object. */
  written(ref: ObjectRef): ObjectMeta | undefined {
    return this.#written.get(objectKey(ref))
  }

  /** Whether the watch shows an object that is older than our own write, whoever else has written in between. */
  isBehind(ref: ObjectRef): boolean {
    return this.written(ref) !== undefined
  }

  /** How many writes the watch has not shown yet. */
  get size(): number {
    return this.#written.size
  }
}

const isBefore = ({ metadata }: KubeObject, written: ObjectMeta): boolean =>
  isOlderVersion(metadata.resourceVersion ?? '', written.resourceVersion ?? '')
