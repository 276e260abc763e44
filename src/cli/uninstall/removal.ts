import { isApiError } from '../../kube/api-error.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { listIfServed, type Selection } from '../../kube/list-all.ts'
import type { Resource } from '../../kube/resource.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { RemovedObject } from './removed-kinds.ts'
import { whyItStays } from './why-it-stays.ts'

export type RemovalParts = {
  readonly client: Pick<KubeClient, 'list' | 'create' | 'delete' | 'patchMerge'>
  readonly clock: Clock
  readonly dryRun: boolean
  readonly timeoutSeconds: number
  /** A line about what happens, for people who wait. */
  readonly say: (line: string) => void
}

const LOOK_AGAIN_MS = 1_000
const SAID_EACH_MS = 15_000

/** `ClusterRole cpufeatures-view`, `DaemonSet cpufeatures-system/cpufeatures-holder`. */
export const objectText = (
  { kind }: Pick<Resource<KubeObject>, 'kind'>,
  { metadata: { namespace, name } }: KubeObject,
): string => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`

/** Removes objects and waits until they are gone, all of it before one deadline. A dry run only notes what it would remove. */
export class Removal {
  readonly parts: RemovalParts
  /** What was removed, in order. */
  readonly removed = new Set<string>()
  readonly #endsAtMs: number

  constructor(parts: RemovalParts) {
    this.parts = parts
    this.#endsAtMs = parts.clock.monotonic() + parts.timeoutSeconds * 1000
  }

  /** The objects that a selector selects, of all namespaces; none if the API server does not serve them. */
  async list<T extends KubeObject>(resource: Resource<T>, options: Selection = {}): Promise<readonly T[]> {
    return listIfServed(this.parts.client, resource, options, (object) => object)
  }

  /** Notes that something was removed, and says it. */
  note(what: string, verb = 'deleted'): void {
    if (this.removed.has(what)) return
    this.removed.add(what)
    this.parts.say(this.parts.dryRun ? `would have ${verb} ${what}` : `${verb} ${what}`)
  }

  /** Deletes an object unless it is gone, or being deleted. */
  async delete(resource: Resource<KubeObject>, object: KubeObject): Promise<void> {
    const { name, namespace, uid = '', deletionTimestamp } = object.metadata
    if (!this.parts.dryRun && deletionTimestamp === undefined)
      try {
        const options = { propagationPolicy: 'Background', preconditions: { uid } } as const
        await this.parts.client.delete(resource, { name, namespace }, options)
      } catch (error) {
        // Gone, or another one of its name, which the next look finds.
        if (!isApiError(error, 404) && !isApiError(error, 409)) throw error
      }
    this.note(objectText(resource, object))
  }

  /** Deletes all objects that a selector selects, and waits until they are gone. */
  async removeAll(resource: Resource<RemovedObject>, labelSelector?: string): Promise<void> {
    const options = labelSelector === undefined ? {} : { labelSelector }
    await this.removeObjects(resource, await this.list(resource, options), options)
  }

  /** Deletes these objects, and waits until none of their names is there. */
  async removeObjects(
    resource: Resource<RemovedObject>,
    objects: readonly RemovedObject[],
    options: Selection,
  ): Promise<void> {
    for (const object of objects) await this.delete(resource, object)
    const names = new Set(objects.map((one) => objectText(resource, one)))
    if (names.size > 0)
      await this.untilGone(async () =>
        (await this.list(resource, options))
          .filter((one) => names.has(objectText(resource, one)))
          .map((one) => `${objectText(resource, one)} (${whyItStays(one)})`),
      )
  }

  /** Asks until nothing is left. Throws an Error with what is left when the time is over. A dry run does not wait. */
  async untilGone(left: () => Promise<readonly string[]>): Promise<void> {
    const { clock, dryRun, say, timeoutSeconds } = this.parts
    if (dryRun) return
    let saidAtMs = clock.monotonic()
    for (;;) {
      const there = await left()
      if (there.length === 0) return
      const nowMs = clock.monotonic()
      if (nowMs > this.#endsAtMs)
        throw new Error(`after ${timeoutSeconds} s (--timeout) there is still ${there.join('; ')}`)
      if (nowMs - saidAtMs >= SAID_EACH_MS) {
        saidAtMs = nowMs
        say(`waiting for ${there.join('; ')}`)
      }
      await clock.sleep(LOOK_AGAIN_MS)
    }
  }
}
