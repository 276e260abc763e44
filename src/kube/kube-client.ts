import type { Clock } from '../runtime/clock.ts'
import { resourcePath, type Resource, type ResourceTarget } from './resource.ts'
import type { KubeObject, ObjectMeta, ObjectRef } from './kube-object.ts'
import { RequestSender, type Method, type SendOptions } from './request-sender.ts'
import type { ClusterAccess } from './cluster-access.ts'
import type { HttpsTransport } from './https-transport.ts'
import { unknownFieldError } from './unknown-field-error.ts'
import { watchEvents, type WatchEvent } from './watch-stream.ts'

/** Options of every call. */
export type CallOptions = {
  /** For the whole call, retries included. Default 30. */
  readonly timeoutSeconds?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export type WriteOptions = {
  readonly subresource?: string | undefined
  /** Default: the client's own field manager. */
  readonly fieldManager?: string | undefined
} & CallOptions

export type ApplyOptions = {
  readonly fieldManager: string
  /** Take over fields that another manager owns instead of failing with 409. */
  readonly force: boolean
} & WriteOptions

export type ListOptions = {
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  readonly limit?: number | undefined
  readonly continue?: string | undefined
} & CallOptions

export type WatchOptions = {
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  readonly resourceVersion: string
  /** After this long the server ends the watch by itself. */
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
}

export type DeleteOptions = {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
  readonly gracePeriodSeconds?: number
} & CallOptions

export type ListPage<T> = {
  readonly items: readonly T[]
  readonly resourceVersion: string
  readonly continue?: string | undefined
}

/** An operation of a JSON Patch (RFC 6902). `test` first makes the patch conditional. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/** Any part of an object: what a merge patch or an apply configuration names. */
export type Partially<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Partially<T[K]> | null | undefined }
    : T

/** The fields that the caller wants to own, with the object's name. */
export type ApplyConfiguration<T> = Partially<Omit<T, 'metadata'>> & {
  readonly metadata: Partially<ObjectMeta> & { readonly name: string }
}

export type KubeClientParts = {
  readonly access: ClusterAccess
  readonly transport: HttpsTransport
  readonly clock: Clock
  readonly userAgent: string
  readonly fieldManager: string
  /** Ends every call, also those that come later. */
  readonly signal?: AbortSignal | undefined
}

/** A thin client: objects in and out as JSON. Every failure is an ApiError, every call has a deadline. */
export class KubeClient {
  /** The URL of the API server. */
  readonly server: string
  /** The namespace of the context or of the pod. */
  readonly namespace: string
  readonly fieldManager: string
  readonly #parts: KubeClientParts
  readonly #sender: RequestSender

  constructor(parts: KubeClientParts) {
    this.server = parts.access.server
    this.namespace = parts.access.namespace
    this.fieldManager = parts.fieldManager
    this.#parts = parts
    this.#sender = new RequestSender(parts)
  }

  /** A client of the same connections whose calls all end when `signal` aborts: those under way, and those that come later. */
  until(signal: AbortSignal): KubeClient {
    return new KubeClient({ ...this.#parts, signal })
  }

  async get<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options: CallOptions & { readonly subresource?: string } = {},
  ): Promise<T> {
    const path = this.#path(resource, { ...ref, subresource: options.subresource })
    return (await this.#sender.json('GET', path, options)) as T
  }

  /** One page. With `limit`, ask again with `continue` until there is none. */
  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ListPage<T>> {
    const path = resourcePath(resource, { namespace: options.namespace })
    const { labelSelector, fieldSelector, limit } = options
    const query = queryOf({ labelSelector, fieldSelector, limit, continue: options.continue })
    const body = (await this.#sender.json('GET', path + query, options)) as {
      items: T[] | null
      metadata: { resourceVersion: string; continue?: string }
    }
    return {
      items: body.items ?? [],
      resourceVersion: body.metadata.resourceVersion,
      continue: body.metadata.continue === '' ? undefined : body.metadata.continue,
    }
  }

  create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const named = options.subresource === undefined ? {} : { name: object.metadata.name }
    const target = { ...named, namespace: object.metadata.namespace, subresource: options.subresource }
    return this.#write(resource, 'POST', target, { ...options, body: typed(resource, object) })
  }

  /** Replaces; fails with 409 where `metadata.resourceVersion` is no longer the object's. */
  update<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const { name, namespace } = object.metadata
    const target = { name, namespace, subresource: options.subresource }
    return this.#write(resource, 'PUT', target, { ...options, body: typed(resource, object) })
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { preconditions, propagationPolicy, gracePeriodSeconds } = options
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions,
      propagationPolicy,
      gracePeriodSeconds,
    }
    await this.#sender.json('DELETE', this.#path(resource, ref), { ...options, body })
  }

  /** Server-side apply: the object afterwards. What is not named and was ours before is removed. */
  applyServerSide<T extends KubeObject>(
    resource: Resource<T>,
    object: ApplyConfiguration<T>,
    options: ApplyOptions,
  ): Promise<T> {
    const name = object.metadata.name
    const namespace = object.metadata.namespace ?? undefined
    const target = { name, namespace, subresource: options.subresource }
    const contentType = 'application/apply-patch+yaml'
    return this.#write(resource, 'PATCH', target, { ...options, body: typed(resource, object), contentType })
  }

  patchJson<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    options: WriteOptions = {},
  ): Promise<T> {
    const target = { name: ref.name, namespace: ref.namespace, subresource: options.subresource }
    const contentType = 'application/json-patch+json'
    return this.#write(resource, 'PATCH', target, { ...options, body: operations, contentType })
  }

  /** Merge patch (RFC 7386): `null` removes, lists are replaced. */
  patchMerge<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: Partially<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    const target = { name: ref.name, namespace: ref.namespace, subresource: options.subresource }
    const contentType = 'application/merge-patch+json'
    return this.#write(resource, 'PATCH', target, { ...options, body: patch, contentType })
  }

  /** Opens a watch: resolves when the server has accepted it. The events end when the server or `signal` ends them. */
  async watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
  ): Promise<AsyncGenerator<WatchEvent<T>>> {
    const { labelSelector, fieldSelector, resourceVersion, timeoutSeconds } = options
    const query = queryOf({
      watch: 1,
      allowWatchBookmarks: true,
      labelSelector,
      fieldSelector,
      resourceVersion,
      timeoutSeconds,
    })
    const path = resourcePath(resource, { namespace: options.namespace })
    const response = await this.#sender.stream(path + query, options.signal)
    return watchEvents<T>(response.body)
  }

  /** Any path, JSON or text: `/version`, `/readyz`, discovery. */
  raw(path: string, options: CallOptions = {}): Promise<string> {
    return this.#sender.text('GET', path, options)
  }

  /** Closes the idle connections; calls under way fail. */
  close(): void {
    this.#sender.close()
  }

  async #write<T extends KubeObject>(
    resource: Resource<T>,
    method: Method,
    target: ResourceTarget,
    send: SendOptions & WriteOptions & { readonly force?: boolean },
  ): Promise<T> {
    const fieldManager = send.fieldManager ?? this.fieldManager
    // Otherwise the API server drops what the installed CRD does not know, and says so to nobody.
    const query = queryOf({ force: send.force, fieldManager, fieldValidation: 'Strict' })
    try {
      return (await this.#sender.json(method, this.#path(resource, target) + query, send)) as T
    } catch (error) {
      throw unknownFieldError(error, resource)
    }
  }

  #path<T extends KubeObject>(resource: Resource<T>, target: ResourceTarget): string {
    if (resource.namespaced && target.namespace === undefined) {
      throw new TypeError(`${resource.kind} ${target.name ?? ''} is namespaced: its namespace is missing`)
    }
    return resourcePath(resource, target)
  }
}

type QueryValues = Readonly<Record<string, string | number | boolean | undefined>>

const queryOf = (values: QueryValues): string => {
  const set = Object.entries(values).filter(([, value]) => value !== undefined)
  if (set.length === 0) return ''
  return `?${new URLSearchParams(set.map(([key, value]): [string, string] => [key, String(value)])).toString()}`
}

const typed = <T extends KubeObject>(resource: Resource<T>, object: object): object => ({
  ...object,
  apiVersion: resource.apiVersion,
  kind: resource.kind,
})
