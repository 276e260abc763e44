import { randomUUID } from 'node:crypto'
import type { Clock } from '../runtime/clock.ts'
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
}

/** Limits of `pkg/apis/events/validation` (Kubernetes 1.36). */
const LONGEST_NOTE = 1024
const LONGEST_INSTANCE = 128
const REMEMBERED = 4096

/** Writes Events in the background. Never throws into the caller and never waits, because an Event is a courtesy. */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #told = new Map<string, number>()
  readonly #pending = new Set<Promise<void>>()

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  record<T extends KubeObject>(resource: Resource<T>, object: T, happening: Happening): void {
    const { uid, name, namespace } = object.metadata
    const key = [resource.kind, namespace, name, uid, happening.reason, happening.note].join('\0')
    if (!this.#isNews(key)) return
    const sending = this.#send(resource, object, happening).catch((error: unknown) => {
      this.#told.delete(key)
      this.#options.log.warn(
        { err: error, kind: resource.kind, name, reason: happening.reason },
        'event not written',
      )
    })
    this.#pending.add(sending)
    void sending.then(() => this.#pending.delete(sending))
  }

  /** Resolves when every recorded Event has been sent or given up. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending)
  }

  #isNews(key: string): boolean {
    const now = this.#options.clock.monotonic()
    const toldAt = this.#told.get(key)
    if (toldAt !== undefined && now - toldAt < (this.#options.windowSeconds ?? 600) * 1000) return false
    this.#told.delete(key)
    this.#told.set(key, now)
    const oldest = this.#told.keys().next()
    if (this.#told.size > REMEMBERED && oldest.done !== true) this.#told.delete(oldest.value)
    return true
  }

  async #send<T extends KubeObject>(resource: Resource<T>, object: T, happening: Happening): Promise<void> {
    const { client, controller, instance, clock } = this.#options
    const { name, namespace, uid } = object.metadata
    await client.create(events, {
      // Events about objects without a namespace live in `default` (events validation, `legacyValidateEvent`).
      metadata: { name: `${name.slice(0, 200)}.${randomUUID()}`, namespace: namespace ?? 'default' },
      eventTime: microTime(clock.now()),
      reportingController: controller,
      reportingInstance: instance.slice(0, LONGEST_INSTANCE),
      ...happening,
      note: cutToBytes(happening.note, LONGEST_NOTE),
      regarding: { apiVersion: resource.apiVersion, kind: resource.kind, name, namespace, uid },
    })
  }
}

/** Cuts at a character's edge: the limit counts bytes. */
const cutToBytes = (text: string, bytes: number): string => {
  const encoded = Buffer.from(text)
  if (encoded.length <= bytes) return text
  return `${encoded
    .subarray(0, bytes - 6)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}...`
}
