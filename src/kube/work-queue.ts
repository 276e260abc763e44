import type { Clock } from '../runtime/clock.ts'
import { backoffMs, type BackoffOptions } from './backoff.ts'
import { Fifo } from './fifo.ts'

export type WorkQueueOptions = {
  readonly clock: Clock
  /** Default 0.1 s up to 5 min. */
  readonly backoff?: BackoffOptions | undefined
  /** In [0, 1). Default Math.random. */
  readonly random?: (() => number) | undefined
}

const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 100, maxMs: 300_000 }

/**
 * Keys to work on. Fair: keys come out in the order in which they went in. Stingy: a key that is added many times before a worker
 * takes it is worked on once, and never by two workers at a time. A key that is added while it is worked on comes again afterwards.
 * Shutting down hands out queued keys, drops delayed ones and accepts no more.
 */
export class WorkQueue<K> {
  readonly #clock: Clock
  readonly #backoff: BackoffOptions
  readonly #random: () => number
  readonly #queue = new Fifo<K>()
  readonly #dirty = new Set<K>()
  readonly #processing = new Set<K>()
  readonly #failures = new Map<K, number>()
  readonly #delayed = new Map<K, { readonly dueMs: number; readonly cancel: AbortController }>()
  readonly #takers = new Fifo<(key: K | undefined) => void>()
  readonly #idle = Promise.withResolvers<undefined>()
  #shuttingDown = false

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock
    this.#backoff = options.backoff ?? DEFAULT_BACKOFF
    this.#random = options.random ?? Math.random
  }

  /** How many keys wait to be taken. */
  get depth(): number {
    return this.#queue.length
  }

  add(key: K): void {
    if (this.#shuttingDown || this.#dirty.has(key)) return
    this.#dirty.add(key)
    if (!this.#processing.has(key)) this.#offer(key)
  }

  /** Adds the key when `ms` have passed. Of two pending delays of one key the earlier one counts. */
  addAfter(key: K, ms: number): void {
    if (this.#shuttingDown) return
    if (ms <= 0) {
      this.add(key)
      return
    }
    const dueMs = this.#clock.monotonic() + ms
    const pending = this.#delayed.get(key)
    if (pending !== undefined && pending.dueMs <= dueMs) return
    pending?.cancel.abort()
    const cancel = new AbortController()
    this.#delayed.set(key, { dueMs, cancel })
    void this.#clock.sleep(ms, cancel.signal).then(() => {
      if (cancel.signal.aborted) return
      this.#delayed.delete(key)
      this.add(key)
    })
  }

  /** Adds the key after its own back-off, which grows each time until `forget`. */
  addRateLimited(key: K): void {
    const failures = this.failures(key) + 1
    this.#failures.set(key, failures)
    this.addAfter(key, backoffMs(this.#backoff, failures, this.#random()))
  }

  /** The key's back-off starts over. */
  forget(key: K): void {
    this.#failures.delete(key)
  }

  /** How often the key was rate-limited since it was last forgotten. */
  failures(key: K): number {
    return this.#failures.get(key) ?? 0
  }

  /** The next key; `undefined` when the queue is shut down and empty. Call `done` with every key that you got. */
  get(): Promise<K | undefined> {
    const key = this.#queue.shift()
    if (key !== undefined) return Promise.resolve(this.#take(key))
    if (this.#shuttingDown) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#takers.push(resolve)
    })
  }

  /** Reports that the work on a key from `get` has ended, with whatever result. */
  done(key: K): void {
    this.#processing.delete(key)
    if (this.#dirty.has(key)) this.#offer(key)
    this.#settle()
  }

  /** Resolves when all that was queued has been worked on. */
  shutdown(): Promise<void> {
    this.#shuttingDown = true
    for (const { cancel } of this.#delayed.values()) cancel.abort()
    this.#delayed.clear()
    for (const taker of this.#takers.drain()) taker(undefined)
    this.#settle()
    return this.#idle.promise
  }

  #offer(key: K): void {
    const taker = this.#takers.shift()
    if (taker === undefined) this.#queue.push(key)
    else taker(this.#take(key))
  }

  #take(key: K): K {
    this.#dirty.delete(key)
    this.#processing.add(key)
    return key
  }

  #settle(): void {
    if (this.#shuttingDown && this.#queue.length === 0 && this.#processing.size === 0) {
      this.#idle.resolve(undefined)
    }
  }
}
