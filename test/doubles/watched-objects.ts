import type { ChangeHandler } from '../../src/kube/informer.ts'
import type { KubeObject, ObjectRef } from '../../src/kube/kube-object.ts'
import { ObjectStore, type Change } from '../../src/kube/object-store.ts'

/** What an informer shows, as a test says. */
export class WatchedObjects<T extends KubeObject> {
  readonly #store = new ObjectStore<T>()
  readonly #handlers: ChangeHandler<T>[] = []

  get(ref: ObjectRef): T | undefined {
    return this.#store.get(ref)
  }

  subscribe(handler: ChangeHandler<T>): () => void {
    this.#handlers.push(handler)
    return () => undefined
  }

  /** A watch event: the object as it is now. */
  show(object: T): void {
    this.#tell(this.#store.put(object))
  }

  /** A watch event: the object is gone. */
  remove(object: T): void {
    this.#tell(this.#store.remove(object))
  }

  #tell(changes: readonly Change<T>[]): void {
    for (const change of changes) for (const handler of this.#handlers) handler(change)
  }
}
