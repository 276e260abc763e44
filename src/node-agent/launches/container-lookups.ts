import { backoffMs } from '../../kube/backoff.ts'
import type { Logger } from '../../observability/logger.ts'
import type { Metrics } from '../../observability/metrics.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { ContainerListener } from './container-listener.ts'
import { isWhereItsRuntimeSays } from './container-processes.ts'
import { lookUpContainer, type LookedUp, type LookUpContext } from './look-up-container.ts'

const BACKOFF = { baseMs: 200, maxMs: 10_000 }

export type ContainerLookupsContext = {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Ends all tries. */
  readonly signal: AbortSignal
} & LookUpContext

type Lookup = { readonly result: Promise<LookedUp>; readonly users: Set<ContainerListener> }

/** Asks the API server once for each container, however many listeners its processes have, and again until it answers. */
export class ContainerLookups {
  readonly #context: ContainerLookupsContext
  readonly #byContainer = new Map<string, Lookup>()

  constructor(context: ContainerLookupsContext) {
    this.#context = context
  }

  /** What is to be done with a listener's VMs. Never rejects; does not resolve once the signal has aborted. */
  async of(listener: ContainerListener): Promise<LookedUp> {
    const { container } = listener
    if (!isWhereItsRuntimeSays(container))
      return { kind: 'refuse', reason: 'NotWhereItsRuntimeSays', detail: `pid ${container.pid}` }
    const known = this.#byContainer.get(container.id) ?? { result: this.#ask(listener), users: new Set() }
    known.users.add(listener)
    this.#byContainer.set(container.id, known)
    return known.result
  }

  /** The listener has ended. The container's answer is forgotten with its last one. */
  forget(listener: ContainerListener): void {
    const { id } = listener.container
    const known = this.#byContainer.get(id)
    known?.users.delete(listener)
    if (known?.users.size === 0) this.#byContainer.delete(id)
  }

  async #ask({ container }: ContainerListener): Promise<LookedUp> {
    const { clock, log, metrics, signal } = this.#context
    for (let tries = 1; ; tries += 1) {
      try {
        return await lookUpContainer(this.#context, container, signal)
      } catch (error) {
        metrics.increment('cpufeatures_container_lookup_failures_total', {})
        log.warn(
          { err: error, container, tries },
          'the pod of a container cannot be looked up: its KVM calls wait',
        )
      }
      await clock.sleep(backoffMs(BACKOFF, tries, Math.random()), signal)
      // This process ends: the calls wait for the next agent.
      if (signal.aborted) await new Promise<never>(() => undefined)
    }
  }
}
