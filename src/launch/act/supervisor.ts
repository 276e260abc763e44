import { pollAll } from '../../linux/process/poll.ffi.ts'
import { schedYield, sleepMicroseconds } from '../../linux/process/sleep.ffi.ts'
import { pauseAfter, type Pause, type Turn } from '../decide/pause.ts'
import type { SupervisedSession } from './supervised-session.ts'

/** A session threw what it never should: a fault of ours. It is served on unless it is dropped. */
export type OnFault = (session: SupervisedSession, error: unknown) => void

const rethrow: OnFault = (_, error) => {
  throw error
}

/**
 * Serves the sessions of many listeners on one thread, in turns: a thread that does not stop holds up no call of another
 * process. All on one thread, because the kernel takes ptrace requests only from the thread that attached.
 */
export class Supervisor {
  readonly #sessions = new Set<SupervisedSession>()
  /**
   * Those whose listener has hung up, and whose threads have yet to end: the kernel tells the former first. A traced thread that nobody
   * waits for stays a zombie, and its parent never sees the VMM's end.
   */
  readonly #hungUp = new Set<SupervisedSession>()
  /** Other fds, and what is done where one is readable or closed: how sessions come to a supervisor that has many. */
  readonly #watched = new Map<number, () => void>()
  readonly #onFault: OnFault
  #idleTurns = 0
  #blindTurns = 0

  /** Without `onFault` a fault is thrown on. */
  constructor(onFault: OnFault = rethrow) {
    this.#onFault = onFault
  }

  add(session: SupervisedSession): void {
    this.#sessions.add(session)
  }

  /** Serves a session no more, without its end. */
  drop(session: SupervisedSession): void {
    this.#sessions.delete(session)
    this.#hungUp.delete(session)
  }

  watch(fd: number, onReady: () => void): void {
    this.#watched.set(fd, onReady)
  }

  unwatch(fd: number): void {
    this.#watched.delete(fd)
  }

  /** Whether a thread of any session will stop, or end. */
  get isServing(): boolean {
    return this.#sessions.values().some(({ isServing }) => isServing)
  }

  /** Whether this process must not end now: {@link SupervisedSession.holdsThreads}. */
  get holdsThreads(): boolean {
    return this.#sessions.values().some(({ holdsThreads }) => holdsThreads)
  }

  get sessions(): ReadonlySet<SupervisedSession> {
    return this.#sessions
  }

  /** What it waits for: the listeners of its sessions, and the other fds that it watches. */
  get fds(): readonly number[] {
    return this.#heard.map(({ listener }) => listener.fd).concat(...this.#watched.keys())
  }

  /** The sessions that can still receive something. */
  get #heard(): readonly SupervisedSession[] {
    return [...this.#sessions].filter((session) => !this.#hungUp.has(session))
  }

  /**
   * One turn: goes on with each call whose thread has stopped, and takes at most one call of each listener. Sleeps at most `timeout` ms
   * (-1: forever) where nothing is under way. False if nothing was.
   */
  turn(timeout: number): boolean {
    const { happened, serving, onlyNotifications } = this.#advance()
    this.#idleTurns = happened ? 0 : this.#idleTurns + 1
    const turns = { idleTurns: this.#idleTurns, blindTurns: this.#blindTurns }
    const pollTimeout = this.#pause(pauseAfter({ serving, happened, onlyNotifications, ...turns, timeout }))
    this.#blindTurns = pollTimeout === undefined ? this.#blindTurns + 1 : 0
    const received = pollTimeout !== undefined && this.#receive(pollTimeout)
    if (received) this.#idleTurns = 0
    return serving || received
  }

  /** Looks whether the levelled VMs of a session show what they should; `folders` as in {@link SupervisedSession.verify}. */
  verify(session: SupervisedSession, folders: readonly string[] | undefined): void {
    this.#guarded(session, () => {
      session.verify(folders)
      return true
    })
  }

  #advance(): Pick<Turn, 'happened' | 'serving' | 'onlyNotifications'> {
    const busy = [...this.#sessions].filter(({ isServing }) => isServing)
    const happened = busy.map((session) => this.#guarded(session, () => session.advance())).includes(true)
    const serving = busy.some(({ isServing }) => isServing)
    for (const session of this.#hungUp) if (!session.isServing) this.#end(session)
    return {
      happened,
      serving,
      onlyNotifications: busy.every((session) => session.expectsNotifications && !this.#hungUp.has(session)),
    }
  }

  /** Pauses as it says; then how long poll may still block, undefined: listeners are not looked at in this turn. */
  #pause(pause: Pause): number | undefined {
    switch (pause.kind) {
      case 'none':
        return undefined
      case 'yield':
        schedYield()
        return undefined
      case 'sleep':
        sleepMicroseconds(pause.microseconds)
        return 0
      case 'poll':
        return pause.milliseconds
      default:
        return pause satisfies never
    }
  }

  #receive(timeout: number): boolean {
    const sessions = this.#heard
    const watched = [...this.#watched]
    const readiness = pollAll(this.fds, timeout)
    let received = false
    for (const [index, session] of sessions.entries()) {
      if (readiness[index] === 'readable')
        received = this.#guarded(session, () => session.receive()) || received
      if (readiness[index] === 'closed') this.#hangUp(session)
    }
    for (const [index, [, onReady]] of watched.entries())
      if (readiness[sessions.length + index] !== 'timeout') onReady()
    return received
  }

  #hangUp(session: SupervisedSession): void {
    if (session.isServing) this.#hungUp.add(session)
    else this.#end(session)
  }

  #end(session: SupervisedSession): void {
    this.drop(session)
    this.#guarded(session, () => {
      session.end()
      return true
    })
  }

  /** What a session does, as far as it gets: its fault is nobody else's. Whether something happened. */
  #guarded(session: SupervisedSession, act: () => boolean): boolean {
    try {
      return act()
    } catch (error) {
      this.#onFault(session, error)
      return false
    }
  }
}
