import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchSession } from '../launch/act/launch-session.ts'
import type { SupervisedSession } from '../launch/act/supervised-session.ts'
import { Supervisor } from '../launch/act/supervisor.ts'
import type { SupervisorMemory } from '../launch/act/supervisor-memory.ts'
import { inheritListener } from '../launch/act/take-over.ts'
import { abandonLaunch, MOST_FAULTS } from './abandon-launch.ts'
import type { AnsweringStart } from './answering-session.ts'
import { findListeners } from './find-listeners.ts'
import { isLaunchFile, LaunchFile } from './launch-file.ts'
import { claimListener, hostKeeper, isLeftByHost, seesAllProcesses } from './listener-keeper.ts'
import { OrphanedSession } from './orphaned-session.ts'
import { saveFixed } from './saved-state.ts'
import { readLeft, takeOverSession, type LeftSession } from './saved-session.ts'
import { sessionMemory } from './session-memory.ts'
import { sessionTeller, type Telling } from './session-teller.ts'
import type { UsableOrder } from './supervisor-order.ts'
import { takeListener } from './take-listener.ts'

/** A launch that is served, and what continues it after a fault. */
type Launch = {
  readonly session: LaunchSession
  readonly file: LaunchFile
  readonly faults: number
}

/** What is known of a launch whose session is to be continued from its file. */
type Continued = Pick<Launch, 'file' | 'faults'> & Pick<LeftSession, 'lost' | 'interrupted'>

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** Serves all launches of a host. Each has a file in the state folder, from which another supervisor continues it. */
export class HostSupervisor {
  readonly supervisor = new Supervisor((session, error) => {
    this.#onFault(session, error)
  })
  readonly #state: string
  readonly #telling: Telling
  /** Sessions that have ended are not in it for long. */
  readonly #launches = new WeakMap<SupervisedSession, Launch>()

  constructor(state: string, telling: Telling) {
    this.#state = state
    this.#telling = telling
  }

  /** Takes over the launches of an earlier supervisor: those that it left in the folder, then those of which it left no readable file. */
  takeOver(): void {
    for (const name of readdirSync(this.#state)) {
      if (!isLaunchFile(this.#state, name)) this.#sayStays(join(this.#state, name), 'no supervisor made it')
      else this.#takeOverFile(name)
    }
    const seesAll = seesAllProcesses()
    for (const one of findListeners((fd) => isLeftByHost(fd, seesAll)).found) {
      this.#say(
        `the launch of process ${one.pids.join(', ')} has no file that this version can read: its VM goes on`,
      )
      this.#serveOrphan(one)
    }
  }

  #takeOverFile(name: string): void {
    try {
      const file = LaunchFile.open(this.#state, name)
      this.#keepUnless(file, () => this.#continue({ file, faults: 0 }))
    } catch (error) {
      this.#sayStays(join(this.#state, name), String(error))
    }
  }

  /** Leaves a file where it is if there is a reason to. */
  #keepUnless(file: LaunchFile, go: () => string | undefined): boolean {
    const why = go()
    if (why === undefined) return false
    file[Symbol.dispose]()
    this.#sayStays(file.path, why)
    return true
  }

  /** Continues a launch from its file; or removes the file, if its VMM has ended. Why it can do neither; then the file stays. */
  #continue({ file, faults, ...threads }: Continued): string | undefined {
    const left = readLeft(file.fd)
    if (left.kind === 'unreadable') return left.why
    if (left.kind !== 'session') {
      file.forget()
      return undefined
    }
    const request = { fd: file.fd, saved: left.saved, memory: this.#memory(file), keeper: hostKeeper() }
    const taken = takeOverSession({ ...request, ...threads }, this.#telling)
    if (taken.kind === 'refused') return taken.why
    if (taken.kind === 'ended') file.forget()
    else this.#serve({ session: taken.session, file, faults })
    return undefined
  }

  /** Takes a launcher's listener, which is fd `number` of process `pid`. Why it cannot; undefined if it has. */
  take({ order, policy }: UsableOrder, pid: number, number: number): string | undefined {
    const taken = takeListener(pid, number)
    if (taken.kind === 'failed') return taken.message
    const { listener } = taken
    try {
      const file = this.#fileFor(order, pid)
      const tell = sessionTeller(order, this.#telling)
      claimListener(listener.fd, hostKeeper())
      const session = new LaunchSession({ listener, policy, memory: this.#memory(file), tell })
      this.#serve({ session, file, faults: 0 })
      return undefined
    } catch (error) {
      // Without this file a successor could not continue, so this launch fails. The others are served.
      listener[Symbol.dispose]()
      return `the state folder of its supervisor cannot be written: ${String(error)}`
    }
  }

  /** Makes the file of a launch. Throws if it cannot write it (ENOSPC). */
  #fileFor(order: unknown, pid: number): LaunchFile {
    const file = LaunchFile.create(this.#state, pid)
    try {
      saveFixed(file.fd, order)
    } catch (error) {
      file.forget()
      throw error
    }
    return file
  }

  #memory(file: LaunchFile): SupervisorMemory {
    return sessionMemory(file.fd, () => {
      file.forget()
    })
  }

  #serve(launch: Launch): void {
    this.#launches.set(launch.session, launch)
    this.supervisor.add(launch.session)
  }

  #serveOrphan(start: AnsweringStart): void {
    const session = new OrphanedSession(start, {
      keeper: hostKeeper(),
      say: this.#telling.say,
      onClaimed: (claimed) => {
        this.supervisor.drop(claimed)
        claimed[Symbol.dispose]()
      },
    })
    this.supervisor.add(session)
  }

  /**
   * An internal error in serving one launch is nobody else's. Its session is continued from its file, as by another supervisor: a thread
   * on borrowed registers dies with its process, and what waits is served anew. Where that helps nothing, its VM goes on as one whose
   * state nobody can read.
   */
  #onFault(session: SupervisedSession, error: unknown): void {
    this.supervisor.drop(session)
    const launch = this.#launches.get(session)
    this.#say(`an internal error ended the serving of one launch, which is taken over: ${textOf(error)}`)
    try {
      if (launch === undefined) session.listener[Symbol.dispose]()
      else this.#succeed(launch)
    } catch (again) {
      this.#say(`a launch cannot be taken over; its calls wait for the next supervisor: ${textOf(again)}`)
    }
  }

  #succeed({ session, file, faults }: Launch): void {
    const { lost, interrupted } = abandonLaunch(session)
    if (faults + 1 < MOST_FAULTS) {
      this.#keepUnless(file, () => this.#continue({ file, faults: faults + 1, lost, interrupted }))
      return
    }
    const left = readLeft(file.fd)
    file[Symbol.dispose]()
    this.#sayStays(file.path, 'its launch is served as one whose state nobody can read')
    const processes = left.kind === 'session' ? left.saved.launch.processes : []
    const inherited = inheritListener(processes)
    if (inherited.kind !== 'inherited') return
    this.#serveOrphan({ listener: inherited.listener, pids: processes.map(({ pid }) => pid), interrupted })
  }

  #sayStays(path: string, why: string): void {
    this.#say(`${path} stays as it is: ${why}`)
  }

  #say(message: string): void {
    this.#telling.say(`cpufeatures supervise: ${message}`)
  }
}
