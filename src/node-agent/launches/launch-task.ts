import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { breakGlass } from '../../api/break-glass.ts'
import { SETTINGS_NAME } from '../../api/names.ts'
import { getIfThere } from '../../kube/get-if-there.ts'
import { untilReadable } from '../../linux/process/poll.ffi.ts'
import { setTimerSlack } from '../../linux/process/prctl.ffi.ts'
import { superviseLaunches } from '../../supervisor/supervise-launches.ts'
import { CONFIG_MAPS } from '../../api/resources.ts'
import { CONTAINER_REFUSALS } from '../../catalogue/container-refusals.ts'
import { LAUNCH_OUTCOMES } from '../../launch/record/render-launch-record.ts'
import type { Task, TaskContext } from '../task.ts'
import { AppliedReports } from './applied-reports.ts'
import { ContainerHolder } from './container-holder.ts'
import { ContainerLaunches } from './container-launches.ts'
import type { ContainerIdentity } from './container-identity.ts'
import { ContainerListener } from './container-listener.ts'
import { ContainerLookups } from './container-lookups.ts'
import type { ContainerNews } from './container-news.ts'
import { forgetOtherFiles } from './listener-file.ts'
import { ServingLock } from './serving-lock.ts'
import { WakeUp } from './wake-up.ts'

/** The holder's socket for agents, in its run folder. */
const HOLDER_SOCKET = 'holder.sock'

/** In the state folder: the files of the launches that are served. */
const LAUNCHES = 'launches'
/** In the state folder: the lock of the agent that serves. */
const LOCK = 'serving.lock'

const LOOK_MS = 1_000
/** How long no agent may hold the lock before one that stands by begins anew: a crashed one comes back sooner. */
const FREE_MS = 15_000

export type LaunchTaskOptions = {
  /** The holder's run folder. */
  readonly runFolder: string
  readonly stateFolder: string
  /** Ends this process, so that the kubelet starts it anew. */
  readonly restart: () => void
}

/** Applies profiles to the VMs of this node's containers: the holder gives it the listener of each container. */
export class LaunchTask implements Task {
  readonly name = 'launches'
  readonly #context: TaskContext
  readonly #wakeUp = new WakeUp()
  readonly #wake = (): void => {
    this.#wakeUp.wake()
  }
  readonly #reports: AppliedReports
  readonly #lookups: ContainerLookups
  readonly #launches: ContainerLaunches
  readonly #holder: ContainerHolder
  readonly #stateFolder: string
  readonly #stopped = new AbortController()
  readonly #lock: ServingLock
  #locking: NodeJS.Timeout | undefined
  readonly #restart: () => void
  readonly #outcomes = new WeakMap<ContainerListener, string>()
  /** Another agent waits for this one to finish. */
  #retires = false
  #working: Promise<void> | undefined

  constructor(context: TaskContext, { runFolder, stateFolder, restart }: LaunchTaskOptions) {
    this.#context = context
    this.#restart = restart
    this.#stateFolder = join(stateFolder, LAUNCHES)
    this.#lock = new ServingLock(join(stateFolder, LOCK))
    const { client, log } = context
    this.#reports = new AppliedReports(context)
    this.#lookups = new ContainerLookups({
      ...{ ...context, signal: this.#stopped.signal },
      isGlassBroken: (signal) => this.#isGlassBroken(signal),
      client,
    })
    this.#launches = new ContainerLaunches({
      folder: this.#stateFolder,
      lookUp: (listener) => this.#lookups.of(listener),
      tell: (listener, news) => {
        this.#tell(listener, news)
      },
      onEnd: (listener) => {
        this.#holder.forget(listener)
        this.#lookups.forget(listener)
        this.#reports.end(listener)
      },
      log,
      wake: this.#wake,
    })
    this.#holder = new ContainerHolder({
      socket: join(runFolder, HOLDER_SOCKET),
      supervisor: this.#launches.supervisor,
      log,
      onListener: (listener) => {
        this.#launches.take(listener)
      },
      onReceived: (listener) => {
        this.#launches.callsWait(listener)
      },
      onUnknown: (fd, why) => {
        this.#launches.takeUnknown(fd, why)
      },
      onComplete: (listeners) => {
        // Once more where the holder has ended meanwhile.
        clearInterval(this.#locking)
        if (!this.#lock.take())
          this.#locking = setInterval(() => {
            if (this.#lock.take()) clearInterval(this.#locking)
          }, LOOK_MS)
        const { unreadable: files, lost } = forgetOtherFiles(this.#stateFolder, listeners)
        if (files.length > 0)
          log.warn(
            { folder: this.#stateFolder, files },
            'files that this version cannot read stay as they are',
          )
        for (const { container, news } of lost) this.#tellOfEnded(container, news)
      },
      onNewcomer: () => {
        log.info({}, 'another agent of this node takes over')
        this.#retires = true
        // Nothing else may come that ends the wait.
        this.#wakeUp.wake()
      },
      wake: this.#wake,
    })
  }

  notReady(): readonly string[] {
    switch (this.#holder.standing) {
      case 'connecting':
        return ['the holder of this node does not answer: is its pod running?']
      case 'waiting':
        return ['another agent of this node has yet to finish']
      // It is whole, and would serve if the other one ended: not Ready, it would be taken away before the other one is Ready.
      case 'left':
      case 'serving':
        return []
      default:
        return this.#holder.standing satisfies never
    }
  }

  standsBy(): boolean {
    return this.#holder.standing === 'waiting' || this.#holder.standing === 'left'
  }

  holdsThreads(): boolean {
    return this.#launches.supervisor.holdsThreads
  }

  start(): undefined {
    this.#beginCounters()
    mkdirSync(this.#stateFolder, { recursive: true, mode: 0o700 })
    setTimerSlack(1)
    this.#reports.start()
    const { supervisor } = this.#launches
    supervisor.watch(this.#wakeUp.fd, () => {
      this.#wakeUp.clear()
    })
    // process.exit() waits for the thread that waits for fds.
    process.once('exit', this.#wake)
    this.#holder.connect()
    this.#working = this.#serve()
    return undefined
  }

  /** What is being served is finished; VMs go on, and their calls wait for the next agent. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#wakeUp.wake()
    await this.#working
    await this.#reports.stop()
    process.off('exit', this.#wake)
    this.#wakeUp[Symbol.dispose]()
  }

  async #serve(): Promise<void> {
    const { supervisor } = this.#launches
    await superviseLaunches(supervisor, {
      pending: new Set(),
      isOver: () => (this.#retires || this.#stopped.signal.aborted) && !supervisor.holdsThreads,
      wait: untilReadable,
    })
    this.#launches.close()
    clearInterval(this.#locking)
    this.#lock.release()
    this.#holder.leave()
    if (!this.#stopped.signal.aborted) await this.#standBy()
  }

  /** Nothing is served where the agent that took over has ended and does not come back: this one then begins anew. */
  async #standBy(): Promise<void> {
    const { clock, log } = this.#context
    const { signal } = this.#stopped
    for (
      let freeMs = 0;
      freeMs < FREE_MS && !signal.aborted;
      freeMs = this.#lock.isFree ? freeMs + LOOK_MS : 0
    )
      await clock.sleep(LOOK_MS, signal)
    if (signal.aborted) return
    log.warn({}, 'no agent of this node serves: this one restarts to do so')
    this.#restart()
  }

  /** Its listener has ended, and nobody told what became of it. */
  #tellOfEnded(container: ContainerIdentity, news: ContainerNews): void {
    const ended = new ContainerListener(container, { fd: -1, id: 0n })
    this.#tell(ended, news)
    this.#reports.end(ended)
  }

  #tell(listener: ContainerListener, news: ContainerNews): void {
    this.#count(listener, news)
    this.#reports.tell(listener, news)
  }

  /** Those for which alerts ask. */
  #beginCounters(): void {
    const { metrics } = this.#context
    for (const outcome of Object.keys(LAUNCH_OUTCOMES))
      metrics.begin('cpufeatures_launch_outcomes_total', { outcome })
    for (const why of Object.keys(CONTAINER_REFUSALS))
      metrics.begin('cpufeatures_unlevelled_containers_total', { treatment: 'refused', why })
    metrics.begin('cpufeatures_container_lookup_failures_total', {})
  }

  #count(listener: ContainerListener, news: ContainerNews): void {
    const { metrics, log } = this.#context
    const { container } = listener
    if (news.kind !== 'launch') {
      const why = news.kind === 'refused' ? news.reason : news.why
      metrics.increment('cpufeatures_unlevelled_containers_total', { treatment: news.kind, why })
      log.warn(
        { container, why },
        news.kind === 'refused' ? 'a container may make no VM' : 'VMs are not levelled',
      )
      return
    }
    const { outcome } = news.record
    if (this.#outcomes.get(listener) === outcome || outcome === 'no-vm') return
    this.#outcomes.set(listener, outcome)
    // Counted by the agent before this one.
    if (news.moment === 'continued') return
    metrics.increment('cpufeatures_launch_outcomes_total', { outcome })
    log.info({ container, revision: news.revision, outcome }, 'launch')
  }

  async #isGlassBroken(signal: AbortSignal): Promise<boolean> {
    const { client } = this.#context
    const ref = { namespace: client.namespace, name: SETTINGS_NAME }
    return breakGlass(await getIfThere(client, CONFIG_MAPS, ref, signal)) !== undefined
  }
}
