import type { KubeObject, ObjectRef } from './kube-object.ts'

export type Change<T> =
  | { readonly kind: 'add'; readonly object: T }
  | { readonly kind: 'update'; readonly object: T; readonly old: T }
  | { readonly kind: 'delete'; readonly object: T }

/** `namespace/name`, or the name alone: the key of an object within its resource. */
export const objectKey = (ref: ObjectRef): string =>
  ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`

/** The last known state of a collection. Reports each change by a list or event once. */
export class ObjectStore<T extends KubeObject> {
  readonly #objects = new Map<string, T>()

  get size(): number {
    return this.#objects.size
  }

  get(ref: ObjectRef): T | undefined {
    return this.#objects.get(objectKey(ref))
  }

  list(): T[] {
    return [...this.#objects.values()]
  }

  /** Takes a complete list: an object that is not in it is gone. */
  replace(objects: readonly T[]): Change<T>[] {
    const listed = new Set(objects.map((object) => objectKey(object.metadata)))
    const gone = this.list().filter((object) => !listed.has(objectKey(object.metadata)))
    return [
      ...gone.flatMap((object) => this.remove(object)),
      ...objects.flatMap((object) => this.put(object)),
    ]
  }

  /** Takes the present state of an object. A new uid under an old name is another object: the old one is reported as deleted first. */
  put(object: T): Change<T>[] {
    const key = objectKey(object.metadata)
    const old = this.#objects.get(key)
    if (old !== undefined && old.metadata.uid !== object.metadata.uid) {
      return [...this.remove(old), ...this.put(object)]
    }
    if (old !== undefined && old.metadata.resourceVersion === object.metadata.resourceVersion) return []
    this.#objects.set(key, object)
    return [old === undefined ? { kind: 'add', object } : { kind: 'update', object, old }]
  }

  remove(object: T): Change<T>[] {
    const known = this.#objects.delete(objectKey(object.metadata))
    return known ? [{ kind: 'delete', object }] : []
  }
}
