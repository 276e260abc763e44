import { CONTROLLER_LEASE } from '../../api/names.ts'
import { leases, type Lease } from '../../kube/lease.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Removal } from './removal.ts'

/** A leader that has not renewed its Lease for this many of its durations has ended. */
const PATIENCE = 2
const DEFAULT_DURATION_SECONDS = 15

/**
 * Whether a controller leads. A Lease has the time of a machine whose clock may differ from ours. So this looks whether the Lease
 * changes, and counts the time by our own clock.
 */
export class LeaderSight {
  readonly #removal: Pick<Removal, 'list'>
  readonly #clock: Pick<Clock, 'monotonic'>
  #last: { readonly version: string; readonly atMs: number } | undefined

  constructor(removal: Pick<Removal, 'list'>, clock: Pick<Clock, 'monotonic'>) {
    this.#removal = removal
    this.#clock = clock
  }

  /** Leases of our controllers in the given namespaces. */
  async leases(namespaces: ReadonlySet<string>): Promise<readonly Lease[]> {
    const found = await this.#removal.list(leases, { fieldSelector: `metadata.name=${CONTROLLER_LEASE}` })
    return found.filter(({ metadata: { namespace = '' } }) => namespaces.has(namespace))
  }

  async leads(namespaces: ReadonlySet<string>): Promise<boolean> {
    const held = (await this.leases(namespaces)).filter(({ spec }) => (spec?.holderIdentity ?? '') !== '')
    if (held.length === 0) return false
    const nowMs = this.#clock.monotonic()
    const version = held.map(({ metadata }) => metadata.resourceVersion).join()
    if (version !== this.#last?.version) this.#last = { version, atMs: nowMs }
    const seconds = Math.max(
      ...held.map(({ spec }) => spec?.leaseDurationSeconds ?? DEFAULT_DURATION_SECONDS),
    )
    return nowMs - this.#last.atMs < PATIENCE * seconds * 1000
  }
}
