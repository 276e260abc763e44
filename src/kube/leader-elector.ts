import type { Clock } from '../runtime/clock.ts'
import { isApiError } from './api-error.ts'
import { decideLease, releasedLease, type LeaseObservation } from './decide-lease.ts'
import type { KubeClient } from './kube-client.ts'
import { leases, type Lease, type LeaseSpec } from './lease.ts'
import type { Log } from './log.ts'
import { unchanged } from './unchanged.ts'

export type LeaderElectorOptions = {
  /** `KubeClient`, or what a test puts in its place. */
  readonly client: Pick<KubeClient, 'get' | 'create' | 'update'>
  readonly clock: Clock
  readonly log: Log
  readonly namespace: string
  readonly name: string
  /** Unique per process: a name and a random part. */
  readonly identity: string
  /** Defaults 15, 10 and 2 s, as client-go's users have them. Each must be longer than the next. */
  readonly leaseSeconds?: number | undefined
  readonly renewDeadlineSeconds?: number | undefined
  readonly retrySeconds?: number | undefined
  readonly onElected: () => void
  /** Called when we have lost leadership against our will: end the process. `stop` does not call it. */
  readonly onLost: () => void
}

const NEVER = new AbortController().signal

/** Holds a Lease, so that one of several processes leads. Renews it, and releases it at `stop`. */
export class LeaderElector {
  readonly #options: LeaderElectorOptions
  readonly #leaseSeconds: number
  readonly #renewMs: number
  readonly #retryMs: number
  readonly #stopping = new AbortController()
  #observation: LeaseObservation | undefined
  #lease: Lease | undefined
  #leader: string | undefined
  #renewedAtMs = -Infinity
  #leading = false
  #running: Promise<void> | undefined

  constructor(options: LeaderElectorOptions) {
    this.#options = options
    this.#leaseSeconds = options.leaseSeconds ?? 15
    this.#renewMs = (options.renewDeadlineSeconds ?? 10) * 1000
    this.#retryMs = (options.retrySeconds ?? 2) * 1000
  }

  /** Never true beyond the renew deadline, even in a process that was frozen. */
  get isLeading(): boolean {
    return this.#leading && this.#leftMs() > 0
  }

  /** Who holds the lease as far as we have seen. */
  get leader(): string | undefined {
    return this.#leader
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Ends the election and releases the lease if we lead. Stop what the leader runs first. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    if (!this.#leading) return
    this.#leading = false
    await this.#release()
  }

  async #run(): Promise<void> {
    const { clock } = this.#options
    const stopping = this.#stopping.signal
    while (!stopping.aborted) {
      const held = this.#leading ? await this.#tryInTime() : await this.#try()
      if (held) this.#elected()
      else if (this.#leading && this.#isOver()) {
        this.#lost()
        return
      }
      await clock.sleep(this.#leading ? Math.min(this.#retryMs, this.#leftMs()) : this.#retryMs, stopping)
    }
  }

  /** Another process holds the lease, or we could not renew it for so long that another one soon may. */
  #isOver(): boolean {
    return this.#leader !== this.#options.identity || this.#leftMs() <= 0
  }

  /** The time until the renew deadline. */
  #leftMs(): number {
    return this.#renewedAtMs + this.#renewMs - this.#options.clock.monotonic()
  }

  /**
   * A try that ends at the renew deadline, whatever the API server and the network do (client-go, `renew`). Its requests are cancelled
   * then, and nobody waits for them: what counts is that we stop to lead before another process may begin.
   */
  async #tryInTime(): Promise<boolean> {
    const leftMs = this.#leftMs()
    if (leftMs <= 0) return false
    const over = new AbortController()
    const ended = new AbortController()
    const late = this.#options.clock.sleep(leftMs, ended.signal).then(() => false)
    const held = await Promise.race([this.#try(over.signal), late])
    ended.abort()
    over.abort()
    return held && this.#leftMs() > 0
  }

  /** Reads the lease once, and writes it if we may take it. True: we hold it now. Never throws. */
  async #try(signal = NEVER): Promise<boolean> {
    const { clock, log, identity } = this.#options
    try {
      await this.#observe(signal)
      const now = { wall: clock.now(), monotonic: clock.monotonic() }
      const candidate = { identity, leaseSeconds: this.#leaseSeconds }
      const decision = decideLease(candidate, this.#observation, now)
      if (decision.kind === 'wait') {
        this.#follow(decision.holder)
        return false
      }
      await this.#write(decision.spec, signal)
      if (signal.aborted) return false
      // From before the write: a slow answer must not make the lease look younger to us than to the others.
      this.#renewedAtMs = now.monotonic
      this.#follow(identity)
      return true
    } catch (error) {
      if (isApiError(error, 409)) log.debug({ err: error }, 'another candidate wrote the lease first')
      else log.warn({ err: error }, 'cannot reach the lease')
      return false
    }
  }

  async #observe(signal = NEVER): Promise<void> {
    const { namespace, name, client, clock } = this.#options
    try {
      this.#lease = await client.get(leases, { namespace, name }, this.#callOptions(signal))
    } catch (error) {
      if (!isApiError(error, 404)) throw error
      this.#lease = undefined
      this.#observation = undefined
      return
    }
    const spec = this.#lease.spec ?? {}
    if (!unchanged(spec, this.#observation?.spec)) {
      this.#observation = { spec, seenAtMs: clock.monotonic() }
    }
  }

  async #write(spec: LeaseSpec, signal = NEVER): Promise<void> {
    const { namespace, name, client, clock } = this.#options
    const seenAtMs = clock.monotonic()
    this.#lease =
      this.#lease === undefined
        ? await client.create(leases, { metadata: { namespace, name }, spec }, this.#callOptions(signal))
        : await client.update(leases, { ...this.#lease, spec }, this.#callOptions(signal))
    this.#observation = { spec: this.#lease.spec ?? spec, seenAtMs }
  }

  async #release(): Promise<void> {
    const { identity, clock, log } = this.#options
    try {
      await this.#observe()
      const spec = releasedLease(this.#lease?.spec ?? {}, identity, clock.now())
      if (spec !== undefined) await this.#write(spec)
    } catch (error) {
      log.warn({ err: error }, 'cannot release the lease; it expires by itself')
    }
  }

  #elected(): void {
    if (this.#leading || this.#stopping.signal.aborted) {
      this.#leading = true
      return
    }
    this.#leading = true
    this.#options.log.info({ identity: this.#options.identity }, 'leading')
    this.#options.onElected()
  }

  #lost(): void {
    this.#leading = false
    this.#options.log.error({ identity: this.#options.identity }, 'leadership lost')
    this.#options.onLost()
  }

  #follow(holder: string): void {
    if (holder === this.#leader) return
    this.#leader = holder
    this.#options.log.info({ leader: holder }, 'the leader is known')
  }

  /** A call that takes longer than this could not renew in time anyway. */
  #callOptions(signal: AbortSignal) {
    return { timeoutSeconds: this.#renewMs / 2000, signal }
  }
}
