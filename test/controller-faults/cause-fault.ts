import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../harness/eventually.ts'
import type { ApiExchange } from './api-exchange.ts'
import type { Intervention } from './api-proxy.ts'
import { CONTROLLER_FAULTS, type FaultName, type FaultStep } from './controller-fault.ts'
import type { ControllerProcess } from './controller-process.ts'
import { numbered } from './request-form.ts'

/** Whom a fault hits, and who takes over. */
export type Actors = {
  readonly first: ControllerProcess
  /** Makes the second controller; it does not run yet. */
  readonly second: () => Promise<ControllerProcess>
}

/** For how long a controller must make no request, to be at rest. */
export const QUIET_MS = 700

const succeed = async ({ first, second }: Actors): Promise<void> => {
  await first.depose()
  const successor = await second()
  successor.start()
  await successor.leads()
  const isQuiet = () => Promise.resolve(successor.proxy.quietMs > QUIET_MS ? true : undefined)
  await eventually('the second controller is at rest', isQuiet, { everyMs: 50 })
}

const perform = async (step: FaultStep, exchange: ApiExchange, actors: Actors): Promise<void> => {
  const { first } = actors
  if (typeof step === 'object') {
    if ('answer' in step) exchange.refuse(step.answer)
    else await delay(step.waitMs)
    return
  }
  const steps: Readonly<Record<typeof step, () => unknown>> = {
    forward: () => exchange.forward(),
    deliver: () => {
      exchange.deliver()
    },
    cut: () => {
      exchange.cut()
    },
    kill: () => first.kill(),
    freeze: () => {
      first.freeze()
    },
    thaw: () => {
      first.thaw()
    },
    succeed: () => succeed(actors),
    'hold-watches': () => {
      first.proxy.gate.close()
    },
    'release-watches': () => {
      first.proxy.gate.open()
    },
  }
  await steps[step]()
}

/** Waits for one request of a controller and causes a fault at it, once. Keeps what requests came. */
export class ArmedFault {
  readonly forms: string[] = []
  #state: 'armed' | 'under way' | 'over' = 'armed'
  #error: unknown
  readonly #target: { readonly request: string; readonly fault: FaultName } | undefined
  readonly #actors: Actors

  /** Without `target`, every request passes. */
  constructor(actors: Actors, target?: { readonly request: string; readonly fault: FaultName }) {
    this.#actors = actors
    this.#target = target
  }

  get wasCaused(): boolean {
    return this.#state !== 'armed'
  }

  /** False while the fault is in effect. Throws if it could not be caused as it should. */
  get isOver(): boolean {
    if (this.#error !== undefined) throw new Error('the fault was not caused', { cause: this.#error })
    return this.#state !== 'under way'
  }

  intervene = (form: string): Intervention | undefined => {
    this.forms.push(form)
    const isIt = this.#state === 'armed' && numbered(this.forms).at(-1) === this.#target?.request
    return isIt ? this.#cause : undefined
  }

  #cause: Intervention = async (exchange) => {
    this.#state = 'under way'
    try {
      for (const step of CONTROLLER_FAULTS[this.#target?.fault ?? 'slow'].steps)
        await perform(step, exchange, this.#actors)
    } catch (error) {
      this.#error = error
      throw error
    }
    this.#state = 'over'
  }
}
