import { join } from 'node:path'
import type { LaunchPolicy } from '../../launch/decide/launch-policy.ts'
import { LaunchSession, type SessionStart } from '../../launch/act/launch-session.ts'
import type { SupervisedSession } from '../../launch/act/supervised-session.ts'
import { Supervisor } from '../../launch/act/supervisor.ts'
import { closeFd } from '../../linux/process/close.ffi.ts'
import { lockNow, unlock } from '../../linux/process/flock.ffi.ts'
import { pollReadable } from '../../linux/process/poll.ffi.ts'
import { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { Logger } from '../../observability/logger.ts'
import { abandonLaunch, MOST_FAULTS } from '../../supervisor/abandon-launch.ts'
import type { AnsweringStart } from '../../supervisor/answering-session.ts'
import { continueLaunch, type LeftThreads } from '../../supervisor/continue-launch.ts'
import type { LaunchFile } from '../../supervisor/launch-file.ts'
import { claimListener, isClaimedByNode, nodeKeeper } from '../../supervisor/listener-keeper.ts'
import { OrphanedSession } from '../../supervisor/orphaned-session.ts'
import { sessionMemory } from '../../supervisor/session-memory.ts'
import type { ContainerListener } from './container-listener.ts'
import type { ContainerNews } from './container-news.ts'
import { processesOf } from './container-processes.ts'
import type { LookedUp } from './look-up-container.ts'
import { readLeftContainer } from './left-container.ts'
import { makeListenerFile, openListenerFile } from './listener-file.ts'
import { UnlevelledSession } from './unlevelled-session.ts'

export type ContainerLaunchesParts = {
  /** Where the files of launches are. */
  readonly folder: string
  /** What is to be done with a container; called again where it rejects. */
  readonly lookUp: (listener: ContainerListener) => Promise<LookedUp>
  readonly tell: (listener: ContainerListener, news: ContainerNews) => void
  /** The last task of a listener has ended. */
  readonly onEnd: (listener: ContainerListener) => void
  readonly log: Logger
  /** Another thread waits for the fds of the supervisor, which have changed. */
  readonly wake: () => void
}

/** Serves the listeners of a node's containers: each is looked up at its first call. */
export class ContainerLaunches {
  readonly supervisor = new Supervisor((session, error) => {
    this.#onFault(session, error)
  })
  readonly #parts: ContainerLaunchesParts
  readonly #listeners = new WeakMap<SupervisedSession, ContainerListener>()
  /** Those that have made no call yet. */
  readonly #awaited = new Set<ContainerListener>()
  /** Of the launches that are served; each is locked. */
  readonly #files = new Set<LaunchFile>()
  #isClosed = false

  constructor(parts: ContainerLaunchesParts) {
    this.#parts = parts
  }

  /** Takes a listener that the holder keeps: continues it where an agent before this one served it, else waits for its first call. */
  take(listener: ContainerListener): void {
    if (isClaimedByNode(listener.fd)) this.#takeOver(listener)
    else this.#awaitFirstCall(listener)
    this.#parts.wake()
  }

  /** One file that cannot be read (EIO) or written is nobody else's. */
  #takeOver(listener: ContainerListener): void {
    try {
      this.#continue(listener, {})
    } catch (error) {
      this.#parts.log.error(
        { err: error, container: listener.container },
        'a launch cannot be continued: its VM goes on',
      )
      this.#serveOrphan(listener)
    }
  }

  /** Takes a listener of which nobody knows the container: it may make no VM. */
  takeUnknown(fd: number, why: string): void {
    this.#parts.log.error(
      { why },
      'a runtime has sent a listener whose container is not known: it may make no VM',
    )
    const start = { listener: new NotificationListener(fd), pids: [] }
    const session = new UnlevelledSession(start, () => undefined)
    this.supervisor.add(session)
    this.#parts.wake()
  }

  /** A container that makes no VM costs nothing but an fd. */
  #awaitFirstCall(listener: ContainerListener): void {
    this.#awaited.add(listener)
    this.supervisor.watch(listener.fd, () => {
      const hasEnded = pollReadable(listener.fd, 0) === 'closed'
      this.#awaitNoMore(listener)
      if (hasEnded) this.#end(listener)
      else void this.#lookUp(listener)
    })
  }

  #awaitNoMore(listener: ContainerListener): void {
    this.supervisor.unwatch(listener.fd)
    this.#awaited.delete(listener)
  }

  /** The holder has taken calls of a listener, so it never becomes readable: they notify again once its session interrupts them. */
  callsWait(listener: ContainerListener): void {
    if (!this.#awaited.has(listener)) return
    this.#awaitNoMore(listener)
    listener.hasWaitingCalls = true
    void this.#lookUp(listener)
  }

  /** Another agent may serve from here on: what is looked up yet comes too late. */
  close(): void {
    this.#isClosed = true
    for (const { fd } of this.#files) unlock(fd)
  }

  async #lookUp(listener: ContainerListener): Promise<void> {
    const found = await this.#parts.lookUp(listener)
    if (this.#isClosed) return
    try {
      this.#begin(listener, found)
    } catch (error) {
      this.#parts.log.error(
        { err: error, container: listener.container },
        'the state of a launch cannot be written',
      )
      this.#refuse(listener, { kind: 'refuse', reason: 'StateNotWritten', detail: String(error) })
    }
    this.#parts.wake()
  }

  #begin(listener: ContainerListener, found: LookedUp): void {
    if (found.kind === 'refuse') {
      this.#refuse(listener, found)
      return
    }
    const { container } = listener
    const { folder } = this.#parts
    if (found.kind === 'pass') {
      const file = makeListenerFile(folder, listener, { container, treatment: found })
      claimListener(listener.fd, nodeKeeper())
      this.#parts.tell(listener, { ...found, kind: 'passed' })
      this.#pass(listener, file)
      return
    }
    const { revision, plan, policy } = found
    const file = makeListenerFile(folder, listener, {
      container,
      treatment: { kind: 'level', revision, plan },
    })
    claimListener(listener.fd, nodeKeeper())
    const start = this.#startOf(listener, file, { revision, policy })
    const pids = listener.hasWaitingCalls ? processesOf(container) : []
    this.#serve(listener, continueLaunch({ fd: file.fd, pids, start }))
  }

  #startOf(
    listener: ContainerListener,
    file: LaunchFile,
    { revision, policy }: { readonly revision: string; readonly policy: LaunchPolicy },
  ): SessionStart {
    this.#keep(file)
    const memory = sessionMemory(file.fd, () => {
      this.#forget(file)
      this.#end(listener)
    })
    return {
      ...{ listener: listener.duplicate(), policy, memory, home: 'holder' },
      tell: (moment, record) => {
        this.#parts.tell(listener, { kind: 'launch', revision, moment, record })
      },
    }
  }

  /** Goes on where an agent before this one was, or where a session had a fault. */
  #continue(listener: ContainerListener, threads: LeftThreads): void {
    const { folder, log } = this.#parts
    const { container, fileName } = listener
    const why = this.#continueFromFile(listener, threads)
    if (why === undefined) return
    log.error(
      { container, file: join(folder, fileName), why },
      'what is known of a launch cannot be read: its VM goes on',
    )
    this.#serveOrphan(listener, threads.interrupted)
  }

  /** Why it cannot; then the file stays. */
  #continueFromFile(listener: ContainerListener, threads: LeftThreads): string | undefined {
    const { folder } = this.#parts
    const file = openListenerFile(folder, listener)
    if (file === undefined) return 'there is no file'
    const left = readLeftContainer(file.fd)
    if (left.kind !== 'left') {
      file[Symbol.dispose]()
      return left.kind === 'empty' ? 'it is empty' : left.why
    }
    const { policy, launch } = left
    const { treatment } = left.order
    if (treatment.kind === 'pass' || policy === undefined) {
      this.#pass(listener, file)
      return undefined
    }
    const start = this.#startOf(listener, file, { revision: treatment.revision, policy })
    const pids = [
      ...new Set([...(launch?.processes ?? []).map(({ pid }) => pid), ...processesOf(listener.container)]),
    ]
    const session = continueLaunch({
      fd: file.fd,
      pids,
      start: { ...start, ...(launch !== undefined && { state: launch }) },
      ...threads,
    })
    claimListener(listener.fd, nodeKeeper())
    this.#serve(listener, session)
    session.tellAgain()
    return undefined
  }

  #end(listener: ContainerListener): void {
    closeFd(listener.fd)
    this.#parts.onEnd(listener)
  }

  /** Should a holder that has lost everything let another agent in first, that one must not forget this launch. */
  #keep(file: LaunchFile): void {
    lockNow(file.fd)
    this.#files.add(file)
  }

  #forget(file: LaunchFile | undefined): void {
    if (file === undefined) return
    this.#files.delete(file)
    file.forget()
  }

  #pass(listener: ContainerListener, file: LaunchFile): void {
    this.#keep(file)
    this.#serveUnlevelled(listener, { file, onRefused: undefined })
  }

  #refuse(listener: ContainerListener, refused: Extract<LookedUp, { kind: 'refuse' }>): void {
    const onRefused = (): void => {
      this.#parts.tell(listener, { ...refused, kind: 'refused' })
    }
    this.#serveUnlevelled(listener, { file: undefined, onRefused })
  }

  #serveUnlevelled(
    listener: ContainerListener,
    {
      file,
      onRefused,
    }: { readonly file: LaunchFile | undefined; readonly onRefused: (() => void) | undefined },
  ): void {
    const onEnd = (): void => {
      this.#forget(file ?? openListenerFile(this.#parts.folder, listener))
      this.#end(listener)
    }
    this.#serve(listener, new UnlevelledSession({ ...this.#answeringStart(listener), onEnd }, onRefused))
  }

  /** The file of such a launch stays: another version of the agent may read it. */
  #serveOrphan(listener: ContainerListener, interrupted: readonly number[] = []): void {
    const onEnd = (): void => {
      this.#end(listener)
    }
    const session = new OrphanedSession(
      { ...this.#answeringStart(listener), interrupted, onEnd },
      {
        keeper: nodeKeeper(),
        say: (message) => {
          this.#parts.log.error({ container: listener.container }, message)
        },
        // The holder gives each listener to one agent at a time.
        onClaimed: () => undefined,
      },
    )
    this.#serve(listener, session)
  }

  #answeringStart(listener: ContainerListener): AnsweringStart {
    return { listener: listener.duplicate(), pids: processesOf(listener.container) }
  }

  #serve(listener: ContainerListener, session: SupervisedSession): void {
    this.#listeners.set(session, listener)
    this.supervisor.add(session)
  }

  /** An internal error in serving one container is nobody else's: it is served on as if another agent had come. */
  #onFault(session: SupervisedSession, error: unknown): void {
    this.supervisor.drop(session)
    const listener = this.#listeners.get(session)
    this.#parts.log.error({ err: error, container: listener?.container }, 'an internal error ended a session')
    if (listener === undefined) return
    listener.faults += 1
    try {
      this.#succeed(listener, session)
    } catch (again) {
      this.#parts.log.error(
        { err: again, container: listener.container },
        'its calls wait for the next agent',
      )
    }
  }

  #succeed(listener: ContainerListener, session: SupervisedSession): void {
    if (!(session instanceof LaunchSession)) {
      session.listener[Symbol.dispose]()
      this.#serveOrphan(listener)
      return
    }
    const threads = abandonLaunch(session)
    if (listener.faults < MOST_FAULTS) this.#continue(listener, threads)
    else this.#serveOrphan(listener, threads.interrupted)
  }
}
