import type { Clock } from '../../src/runtime/clock.ts'

type Sleeper = {
  readonly dueMs: number
  readonly wake: () => void
}

/** A clock for tests: time stands still until `advance` moves it, which wakes sleepers in the order in which they are due. */
export class ManualClock implements Clock {
  #nowMs: number
  readonly #startMs: number
  #sleepers: Sleeper[] = []

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs
    this.#startMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs - this.#startMs
  }

  /** How many sleepers there are. A test can wait until the code under test sleeps. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper: Sleeper = { dueMs: this.#nowMs + Math.max(ms, 0), wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  /** Moves time forward, letting woken code run (and sleep again) at each step on the way. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await settle()
    for (;;) {
      const next = this.#sleepers.filter((s) => s.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (next === undefined) break
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.wake()
      await settle()
    }
    this.#nowMs = endMs
    await settle()
  }
}

/** One turn of the event loop runs every promise reaction that is ready, however long the chain. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
