import { Recent } from './recent.ts'

/** What an event is about, for counting. */
export type EventKeys = {
  /** The object and the type of the event. */
  readonly object: string
  readonly reason: string
  readonly note: string
}

export type EventVerdict =
  /** `forget` takes it back: the event was not written. */
  | { readonly kind: 'tell'; readonly combined: boolean; readonly forget: () => void }
  /** It was told within the window. */
  | { readonly kind: 'told' }
  /** There were too many events about this object. */
  | { readonly kind: 'spam' }

/** client-go `tools/record/events_cache.go`: how many objects are remembered, and how much may be said about one. */
const REMEMBERED = 4096
const MOST_NOTES = 10
const BURST = 25
const REFILL_MS = 300_000

type Notes = { readonly notes: ReadonlySet<string>; readonly lastMs: number }
type Bucket = { readonly tokens: number; readonly atMs: number }

/**
 * Which events are worth a write, as client-go's EventCorrelator decides: the same words about an object once within the window; of
 * more than ten notes of one reason within it, the further ones as one; and about one object 25 events, then one each five minutes.
 */
export class EventFilter {
  readonly #windowMs: number
  readonly #told = new Recent<number>(REMEMBERED)
  readonly #notes = new Recent<Notes>(REMEMBERED)
  readonly #buckets = new Recent<Bucket>(REMEMBERED)

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  judge({ object, reason, note }: EventKeys, nowMs: number): EventVerdict {
    const group = `${object}\0${reason}`
    const combined = this.#isOneOfMany(group, note, nowMs)
    const key = combined ? group : `${group}\0${note}`
    const toldAt = this.#told.get(key)
    if (toldAt !== undefined && nowMs - toldAt < this.#windowMs) return { kind: 'told' }
    if (!this.#takeToken(object, nowMs)) return { kind: 'spam' }
    this.#told.set(key, nowMs)
    return {
      kind: 'tell',
      combined,
      forget: () => {
        this.#told.delete(key)
      },
    }
  }

  #isOneOfMany(group: string, note: string, nowMs: number): boolean {
    const before = this.#notes.get(group)
    const recent = before !== undefined && nowMs - before.lastMs <= this.#windowMs
    const notes = recent ? before.notes : new Set<string>()
    const full = notes.size >= MOST_NOTES && !notes.has(note)
    this.#notes.set(group, { notes: full ? notes : new Set([...notes, note]), lastMs: nowMs })
    return full
  }

  #takeToken(object: string, nowMs: number): boolean {
    const { tokens, atMs } = this.#buckets.get(object) ?? { tokens: BURST, atMs: nowMs }
    const full = Math.min(BURST, tokens + (nowMs - atMs) / REFILL_MS)
    const taken = full >= 1
    this.#buckets.set(object, { tokens: taken ? full - 1 : full, atMs: nowMs })
    return taken
  }
}
