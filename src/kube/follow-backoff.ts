import { backoffMs, type BackoffOptions } from './backoff.ts'

/** As client-go's reflector: 0.8 s to 1.6 s, doubled each time up to 30 s to 60 s. */
const REFLECTOR_BACKOFF: BackoffOptions = { baseMs: 1600, maxMs: 60_000 }
/** Watching for this long without a delay shows that the server is well (client-go, `defaultBackoffReset`). */
const RESET_MS = 120_000

/**
 * The delays of an informer. They grow with each failure, and start over when a watch has lived, never because a list or a watch was
 * accepted.
 */
export class FollowBackoff {
  readonly #options: BackoffOptions
  #failures = 0
  #watchingSinceMs: number | undefined

  constructor(options: BackoffOptions = REFLECTOR_BACKOFF) {
    this.#options = options
  }

  /** How many delays there were since a watch last lived. */
  get failures(): number {
    return this.#failures
  }

  /** The server has accepted a watch. One that continues another without a delay counts together with it. */
  watching(nowMs: number): void {
    this.#watchingSinceMs ??= nowMs
  }

  /** The next delay. `random` is in [0, 1). */
  nextMs(nowMs: number, random: number): number {
    const lived = this.#watchingSinceMs !== undefined && nowMs - this.#watchingSinceMs >= RESET_MS
    this.#watchingSinceMs = undefined
    this.#failures = lived ? 1 : this.#failures + 1
    return backoffMs(this.#options, this.#failures, random)
  }
}
