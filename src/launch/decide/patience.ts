/** How long a stop may take of a thread that is not held up by others. */
const LIMIT_MS = 10_000
/** So much counts at most from one look to the next: a supervisor that was busy, or stopped itself, has not waited. */
const MOST_BETWEEN_LOOKS_MS = 100

/** How long a stop of one thread has been waited for, whatever goes on in others. Times are in ms. */
export class Patience {
  #waited = 0
  #lookedAt: number

  constructor(now: number) {
    this.#lookedAt = now
  }

  /** Whether it is at its end. */
  get isOver(): boolean {
    return this.#waited > LIMIT_MS
  }

  /** The thread was looked at, and has not stopped. */
  look(now: number): void {
    this.#waited += Math.min(now - this.#lookedAt, MOST_BETWEEN_LOOKS_MS)
    this.#lookedAt = now
  }
}
