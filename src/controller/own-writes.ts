/**
 * Our own writes that the watch has not shown yet. Deciding on the old object would repeat the write. The change that the write
 * causes enqueues the key again, so skipping loses nothing.
 */
export class OwnWrites {
  readonly #over = new Map<string, string>()

  /** Records that we wrote `key`, from one resourceVersion to another. If they are equal, nothing changed, and the watch shows nothing. */
  wrote(key: string, before: string | undefined, after: string | undefined): void {
    if (before !== undefined && before !== after) this.#over.set(key, before)
  }

  /** Whether an object of this resourceVersion is older than our own write. */
  isBehind(key: string, resourceVersion: string | undefined): boolean {
    if (this.#over.get(key) === resourceVersion && resourceVersion !== undefined) return true
    this.#over.delete(key)
    return false
  }
}
