import type { Clock } from '../runtime/clock.ts'
import { ApiError, isApiError } from './api-error.ts'
import type { BackoffOptions } from './backoff.ts'
import { FollowBackoff } from './follow-backoff.ts'
import type { KubeClient, ListPage } from './kube-client.ts'
import type { KubeObject, ObjectMeta, ObjectRef } from './kube-object.ts'
import { listPages } from './list-pages.ts'
import type { Log } from './log.ts'
import { nextStep, type Ended } from './next-step.ts'
import { ObjectStore, type Change } from './object-store.ts'
import type { Resource } from './resource.ts'
import { retryAfterMs } from './retry-after.ts'
import type { WatchEvent } from './watch-stream.ts'

export type InformerOptions<T extends KubeObject> = {
  /** `KubeClient`, or what a test puts in its place. */
  readonly client: Pick<KubeClient, 'list' | 'watch'>
  readonly resource: Resource<T>
  readonly clock: Clock
  readonly log: Log
  /** Default: all namespaces. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  /** What is kept of an object; it must keep name, namespace, uid and resourceVersion. */
  readonly transform?: ((object: T) => T) | undefined
  /** Objects per page of a list. Default 500, as in client-go. */
  readonly pageSize?: number | undefined
  /** A watch on which nothing arrives for this long, not even a bookmark (one per minute), is opened again. Default 180. */
  readonly stallSeconds?: number | undefined
  readonly backoff?: BackoffOptions | undefined
  /** In [0, 1). Default Math.random. */
  readonly random?: (() => number) | undefined
}

export type ChangeHandler<T> = (change: Change<T>) => void

const SHORTEST_WATCH_SECONDS = 300
/** A watch that ends sooner, with nothing said, is not to be opened again at once (client-go, `VeryShortWatchError`). */
const VERY_SHORT_MS = 1000

/**
 * A local copy of a collection that follows the API server. It reports each change once, no error ends it, and it keeps the last
 * state while the server is away.
 */
export class Informer<T extends KubeObject> {
  /** True once the first list is complete; false if the informer was stopped before. */
  readonly synced: Promise<boolean>
  readonly #options: InformerOptions<T>
  readonly #store = new ObjectStore<T>()
  readonly #handlers = new Set<ChangeHandler<T>>()
  readonly #stopping = new AbortController()
  readonly #synced = Promise.withResolvers<boolean>()
  readonly #backoff: FollowBackoff
  #hasSynced = false
  #running: Promise<void> | undefined
  #resourceVersion: string | undefined

  constructor(options: InformerOptions<T>) {
    this.#options = options
    this.#backoff = new FollowBackoff(options.backoff)
    this.synced = this.#synced.promise
  }

  get hasSynced(): boolean {
    return this.#hasSynced
  }

  get(ref: ObjectRef): T | undefined {
    return this.#store.get(ref)
  }

  list(): T[] {
    return this.#store.list()
  }

  /** Reports every change from now on, after reporting all present objects as added. Returns a function that ends it. */
  subscribe(handler: ChangeHandler<T>): () => void {
    this.#handlers.add(handler)
    for (const object of this.#store.list()) this.#tell(handler, { kind: 'add', object })
    return () => this.#handlers.delete(handler)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    this.#synced.resolve(false)
  }

  async #run(): Promise<void> {
    const { clock } = this.#options
    const stopping = this.#stopping.signal
    while (!stopping.aborted) {
      const ended = await this.#follow()
      const step = nextStep(ended)
      if (step.from === 'list') this.#resourceVersion = undefined
      this.#report(ended, step.from)
      const backoff = step.wait === 'none' ? 0 : this.#backoff.nextMs(clock.monotonic(), this.#random())
      const asked = retryAfterMs(step.retryAfterSeconds, this.#random())
      await clock.sleep(Math.max(backoff, asked), stopping)
    }
  }

  /** Lists if there is no resourceVersion to continue from, then watches until the watch ends. */
  async #follow(): Promise<Ended> {
    try {
      this.#resourceVersion ??= await this.#listAll()
      return await this.#watch(this.#resourceVersion)
    } catch (error) {
      return { kind: 'failed', error }
    }
  }

  /** A list whose next page has expired would expire again, so it is read at once then (client-go `pager`, `FullListIfExpired`). */
  async #listAll(): Promise<string> {
    const { items, resourceVersion } = await this.#read(this.#options.pageSize ?? 500).catch(
      (error: unknown) => {
        if (!isApiError(error, 410)) throw error
        return this.#read(0)
      },
    )
    this.#publish(this.#store.replace(items))
    this.#hasSynced = true
    this.#synced.resolve(true)
    return resourceVersion
  }

  /** Reads pages of `limit` objects; with 0 a single page of all. */
  async #read(limit: number): Promise<ListPage<T>> {
    const { client, resource } = this.#options
    const items: T[] = []
    let resourceVersion = ''
    const asked = { ...this.#selection(), limit, signal: this.#stopping.signal }
    for await (const page of listPages(client, resource, asked)) {
      items.push(...page.items.map((object) => this.#kept(object)))
      resourceVersion = page.resourceVersion
    }
    return { items, resourceVersion }
  }

  async #watch(resourceVersion: string): Promise<Ended> {
    const { clock } = this.#options
    const stallMs = (this.#options.stallSeconds ?? 180) * 1000
    const end = new AbortController()
    const signal = AbortSignal.any([this.#stopping.signal, end.signal])
    const openedAt = clock.monotonic()
    let heardAt = openedAt
    let heard = false
    const stalled = stallTimer(clock, stallMs, () => heardAt, signal).then((): Ended => ({ kind: 'stalled' }))
    const followed = async (): Promise<Ended> => {
      const events = await this.#openWatch(resourceVersion, signal)
      try {
        for await (const event of events) {
          if (signal.aborted) break
          heardAt = clock.monotonic()
          this.#handle(event)
          heard = true
        }
      } catch (error) {
        if (!isCut(error)) return { kind: 'failed', error }
        this.#options.log.debug({ err: error, resource: this.#options.resource.plural }, 'watch cut')
      }
      return { kind: heard || clock.monotonic() - openedAt >= VERY_SHORT_MS ? 'closed' : 'short' }
    }
    const following = followed().catch((error: unknown): Ended => ({ kind: 'failed', error }))
    const ended = await Promise.race([following, stalled])
    end.abort()
    await following
    return ended
  }

  async #openWatch(resourceVersion: string, signal: AbortSignal): Promise<AsyncGenerator<WatchEvent<T>>> {
    const { client, resource, clock } = this.#options
    const timeoutSeconds = Math.floor(SHORTEST_WATCH_SECONDS * (1 + this.#random()))
    const asked = { ...this.#selection(), resourceVersion, timeoutSeconds, signal }
    const events = await client.watch(resource, asked)
    this.#backoff.watching(clock.monotonic())
    return events
  }

  #handle(event: WatchEvent<T>): void {
    if (event.type === 'ERROR') throw statusError(event.object)
    this.#apply(event)
    this.#resourceVersion = event.object.metadata.resourceVersion
  }

  #apply(event: WatchEvent<T>): void {
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#publish(this.#store.put(this.#kept(event.object)))
        return
      case 'DELETED':
        this.#publish(this.#store.remove(this.#kept(event.object)))
        return
      case 'BOOKMARK':
      case 'ERROR':
        return
      default:
        event.type satisfies never
    }
  }

  #kept(object: T): T {
    const metadata: ObjectMeta = { ...object.metadata }
    delete metadata.managedFields
    const stripped = { ...object, metadata }
    return this.#options.transform?.(stripped) ?? stripped
  }

  #publish(changes: readonly Change<T>[]): void {
    for (const change of changes) {
      for (const handler of this.#handlers) this.#tell(handler, change)
    }
  }

  /** A handler that throws is defective. It must neither end the informer nor keep the other handlers from the change. */
  #tell(handler: ChangeHandler<T>, change: Change<T>): void {
    try {
      handler(change)
    } catch (error) {
      const { name, namespace } = change.object.metadata
      this.#options.log.error({ err: error, name, namespace, change: change.kind }, 'informer handler failed')
    }
  }

  #selection() {
    const { namespace, labelSelector, fieldSelector } = this.#options
    return { namespace, labelSelector, fieldSelector }
  }

  #random(): number {
    return (this.#options.random ?? Math.random)()
  }

  #report(ended: Ended, next: string): void {
    if (this.#stopping.signal.aborted) return
    const data = { resource: this.#options.resource.plural, next, failures: this.#backoff.failures }
    if (ended.kind !== 'failed') this.#options.log.debug({ ...data, ended: ended.kind }, 'watch ended')
    else if (isApiError(ended.error, 410)) {
      this.#options.log.info({ ...data, err: ended.error }, 'watch expired, listing again')
    } else this.#options.log.warn({ ...data, err: ended.error }, 'cannot follow the API server, trying again')
  }
}

const stallTimer = async (
  clock: Clock,
  stallMs: number,
  heardAt: () => number,
  signal: AbortSignal,
): Promise<void> => {
  for (;;) {
    const leftMs = heardAt() + stallMs - clock.monotonic()
    if (leftMs <= 0 || signal.aborted) return
    await clock.sleep(leftMs, signal)
  }
}

/** The `Status` of an ERROR event (410: the resourceVersion is too old for the server's watch cache). */
const statusError = (object: unknown): ApiError => {
  const status = object as { code?: number; reason?: string; message?: string }
  return new ApiError({
    status: status.code ?? 500,
    reason: status.reason ?? 'Unknown',
    message: `watch: ${status.message ?? 'unknown error'}`,
  })
}

/** Whether the connection broke in the middle of the body. The events before were whole, so the watch goes on as after its regular end. */
const isCut = (error: unknown): boolean =>
  !(error instanceof ApiError || error instanceof SyntaxError || error instanceof TypeError)
