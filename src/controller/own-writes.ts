/**
 * What we have written and not yet been shown: deciding again on the object as it was would write the same once more.
 * The change that the write brings enqueues the key, so that skipping loses nothing.
 */
export class OwnWrites {
  readonly #over = new Map<string, string>()

  /** `key` was written: from one resourceVersion to another. The same one: nothing has changed, and nothing will be shown. */
  wrote(key: string, before: string | undefined, after: string | undefined): void {
    if (before !== undefined && before !== after) this.#over.set(key, before)
  }

  /** Whether an object of this resourceVersion is from before our own write. */
  isBehind(key: string, resourceVersion: string | undefined): boolean {
    if (this.#over.get(key) === resourceVersion && resourceVersion !== undefined) return true
    this.#over.delete(key)
    return false
  }
}
