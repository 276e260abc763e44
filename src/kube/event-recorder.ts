import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '../runtime/clock.ts'
import { ApiError, isApiError } from './api-error.ts'
import { backoffMs, type BackoffOptions } from './backoff.ts'
import { EventFilter } from './event-filter.ts'
import { Fifo } from './fifo.ts'
import type { KubeClient } from './kube-client.ts'
import type { KubeObject } from './kube-object.ts'
import { microTime } from './lease.ts'
import type { Log } from './log.ts'
import { defineResource, type Resource } from './resource.ts'

/** `events.k8s.io/v1` Event, the fields that we write. */
export type KubeEvent = {
  readonly eventTime: string
  readonly reportingController: string
  readonly reportingInstance: string
  readonly action: string
  readonly reason: string
  readonly type: 'Normal' | 'Warning'
  readonly note: string
  readonly regarding: ObjectReference
} & KubeObject

type ObjectReference = {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace?: string | undefined
  readonly uid?: string | undefined
}

export const events = defineResource<KubeEvent>({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
})

/** A change of state that the object's owner should know. */
export type Happening = {
  readonly type: 'Normal' | 'Warning'
  /** CamelCase: what happened. */
  readonly reason: string
  /** CamelCase: what was done or tried. */
  readonly action: string
  /** For people; cut at 1024 bytes. */
  readonly note: string
  /** Of what is told, if it is to be told only once about its object while the Event is there, whichever process tells it. */
  readonly id?: string | undefined
}

export type EventRecorderOptions = {
  readonly client: Pick<KubeClient, 'create'>
  readonly clock: Clock
  readonly log: Log
  /** A qualified name: `cpufeatures.dev/controller`. */
  readonly controller: string
  /** Which process: a pod's or a node's name. */
  readonly instance: string
  /** The same text about the same object is written only once within this time. Default 600. */
  readonly windowSeconds?: number | undefined
  /** Told of each Event, for metrics. */
  readonly observe?: ((result: EventResult) => void) | undefined
}

/** What became of an Event: written; refused or lost; too many about its object (spam); or too many in the queue (dropped). */
export type EventResult = 'written' | 'failed' | 'spam' | 'dropped'

/** Limits of `pkg/apis/events/validation` (Kubernetes 1.36). */
const LONGEST_NOTE = 1024
const LONGEST_INSTANCE = 128
/** As client-go's event broadcaster. */
const MOST_QUEUED = 1000
const MOST_UNDER_WAY = 8
/** How often an Event is sent, at most, and how long after one another. A queue that is full of others waits for it. */
const MOST_TRIES = 4
const BETWEEN_TRIES: BackoffOptions = { baseMs: 1000, maxMs: 4000 }

type QueuedEvent = {
  readonly event: KubeEvent
  /** Whether its name says what it tells: then one that is there tells the same. */
  readonly isOnce: boolean
  readonly forget: () => void
}

/**
 * Writes Events in the background: some at a time, a bounded number waits, and what exceeds that is dropped. Never throws into the caller
 * and never waits, because an Event is a courtesy.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #filter: EventFilter
  readonly #queued = new Fifo<QueuedEvent>()
  readonly #flushing = new AbortController()
  #underWay = 0
  #idle = Promise.withResolvers<undefined>()

  constructor(options: EventRecorderOptions) {
    this.#options = options
    this.#filter = new EventFilter((options.windowSeconds ?? 600) * 1000)
    this.#idle.resolve(undefined)
  }

  record<T extends KubeObject>(resource: Resource<T>, object: T, happening: Happening): void {
    const { uid = '', name, namespace = '' } = object.metadata
    const { type, reason, note } = happening
    const about = [resource.kind, namespace, name, uid, type].join('\0')
    const verdict = this.#filter.judge({ object: about, reason, note }, this.#options.clock.monotonic())
    if (verdict.kind === 'spam') this.#options.observe?.('spam')
    if (verdict.kind !== 'tell') return
    if (this.#queued.length >= MOST_QUEUED) {
      verdict.forget()
      this.#options.observe?.('dropped')
      return
    }
    const told = verdict.combined
      ? { ...happening, note: `(combined from similar events): ${note}` }
      : happening
    this.#queued.push({
      event: this.#eventOf(resource, object, told),
      isOnce: happening.id !== undefined,
      forget: verdict.forget,
    })
    this.#sendSome()
  }

  /** Resolves when every recorded Event has been sent or given up. From now on, each is sent once. */
  async flush(): Promise<void> {
    this.#flushing.abort()
    await this.#idle.promise
  }

  #sendSome(): void {
    if (this.#underWay === 0 && this.#queued.length > 0) this.#idle = Promise.withResolvers()
    while (this.#underWay < MOST_UNDER_WAY) {
      const next = this.#queued.shift()
      if (next === undefined) break
      this.#underWay += 1
      void this.#send(next).then(() => {
        this.#underWay -= 1
        this.#sendSome()
      })
    }
    if (this.#underWay === 0) this.#idle.resolve(undefined)
  }

  async #send({ event, isOnce, forget }: QueuedEvent): Promise<void> {
    const { log, observe } = this.#options
    try {
      await this.#create(event, isOnce)
      observe?.('written')
    } catch (error) {
      forget()
      const { kind, name } = event.regarding
      log.warn({ err: error, kind, name, reason: event.reason }, 'event not written')
      observe?.('failed')
    }
  }

  /** Tries again where the API server did not answer, or failed. Its name tells whether an earlier try has written the Event. */
  async #create(event: KubeEvent, isOnce: boolean): Promise<void> {
    const { client, clock } = this.#options
    const { signal } = this.#flushing
    for (let tries = 1; ; tries++) {
      try {
        await client.create(events, event)
        return
      } catch (error) {
        if (isApiError(error, 409) && (isOnce || tries > 1)) return
        if (tries === MOST_TRIES || signal.aborted || !mayPass(error)) throw error
      }
      await clock.sleep(backoffMs(BETWEEN_TRIES, tries, Math.random()), signal)
    }
  }

  #eventOf<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    { id, ...happening }: Happening,
  ): KubeEvent {
    const { controller, instance, clock } = this.#options
    const { name, namespace, uid } = object.metadata
    // An object of another kind may have this name too.
    const suffix = id === undefined ? randomUUID() : shortHash([resource.kind, uid, id])
    return {
      // Events about objects without a namespace live in `default` (events validation, `legacyValidateEvent`).
      metadata: { name: `${name.slice(0, 200)}.${suffix}`, namespace: namespace ?? 'default' },
      eventTime: microTime(clock.now()),
      reportingController: controller,
      reportingInstance: instance.slice(0, LONGEST_INSTANCE),
      ...happening,
      note: cutToBytes(happening.note, LONGEST_NOTE),
      regarding: { apiVersion: resource.apiVersion, kind: resource.kind, name, namespace, uid },
    }
  }
}

/** No answer, or 5xx: the API server may have written it or not. */
const mayPass = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500) && error.reason !== 'Canceled'

const shortHash = (parts: readonly (string | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)

/** Cuts at a character's edge: the limit counts bytes. */
const cutToBytes = (text: string, bytes: number): string => {
  const encoded = Buffer.from(text)
  if (encoded.length <= bytes) return text
  return `${encoded
    .subarray(0, bytes - 6)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}...`
}
