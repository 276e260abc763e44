import { mkdirSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchSession } from '../launch/act/launch-session.ts'
import { Supervisor } from '../launch/act/supervisor.ts'
import type { SupervisorMemory } from '../launch/act/supervisor-memory.ts'
import { LaunchConnection } from './launch-connection.ts'
import { saveFixed } from './saved-state.ts'
import { sessionMemory } from './session-memory.ts'
import { superviseLaunches } from './supervise-launches.ts'
import { listenerOffer } from '../launch/launcher/supervisor-messages.ts'
import { takeListener } from './take-listener.ts'
import { errnoName } from '../linux/errno.ts'
import { closeFd } from '../linux/process/close.ffi.ts'
import { setTimerSlack } from '../linux/process/prctl.ffi.ts'
import { acceptConnection } from '../linux/process/unix-socket.ffi.ts'
import { LaunchMetrics } from './launch-metrics.ts'
import { openSupervisorSocket } from './supervisor-socket.ts'
import { readSession, takeOverSession } from './saved-session.ts'
import { sayOn, sessionTeller, type ReportLaunch, type Telling } from './session-teller.ts'
import { readOrder, type ReadOrder, type SupervisorOrder } from './supervisor-order.ts'

/** How often the process checks whether it must end. */
const HEARTBEAT_MS = 500

const say = sayOn(2)

/** Where a supervisor of many launches listens, what it keeps for its successor, and where its metrics go. */
export type HostOptions = {
  readonly socket: string
  readonly state: string
  readonly metrics?: string
  readonly reportLaunch: ReportLaunch
}

/** One supervisor for all launches of a host: launchers connect to a socket, and each launch has a file in the state folder. */
class HostSupervisor {
  readonly supervisor = new Supervisor()
  readonly telling: Telling
  readonly #state: string
  #launches = 0

  constructor(state: string, telling: Telling) {
    this.#state = state
    this.telling = telling
  }

  /** Takes over the launches of an earlier supervisor. */
  takeOver(): void {
    for (const name of readdirSync(this.#state)) {
      const path = join(this.#state, name)
      try {
        this.#takeOverLaunch(path)
      } catch (error) {
        say(`cpufeatures supervise: ${path} cannot be taken over, and stays as it is: ${String(error)}`)
      }
    }
  }

  #takeOverLaunch(path: string): void {
    const fd = openSync(path, 'r+')
    const saved = readSession(fd)
    const memory = this.#memory(path, fd)
    const session = saved && takeOverSession({ fd, saved, memory }, this.telling)
    if (session === undefined) memory.forget()
    else this.supervisor.add(session)
  }

  /** A launcher has connected. */
  accept(socket: number): void {
    const fd = acceptConnection(socket)
    if (fd < 0) return
    const connection = new LaunchConnection(fd)
    let order: ReadOrder | undefined
    const end = (): void => {
      this.supervisor.unwatch(fd)
      connection[Symbol.dispose]()
    }
    const onMessage = (message: unknown): boolean => {
      if (order === undefined) {
        order = readOrder(message)
        return true
      }
      connection.send(order.kind === 'order' ? this.#take(order, message) : { error: order.message })
      return false
    }
    this.supervisor.watch(fd, () => {
      for (const event of connection.read()) {
        if (event.kind === 'partial') continue
        if (event.kind === 'message' && onMessage(event.message)) continue
        end()
        return
      }
    })
    connection.send({ pid: process.pid })
  }

  /** Takes a launcher's listener. Returns the answer to the launcher. */
  #take({ order, policy }: Extract<ReadOrder, { kind: 'order' }>, message: unknown): { error?: string } {
    const offer = listenerOffer.safeParse(message)
    if (!offer.success) return { error: 'the supervisor does not understand where the listener is' }
    const { pid, listener: number } = offer.data
    const taken = takeListener(pid, number)
    if (taken.kind === 'failed') return { error: taken.message }
    const { listener } = taken
    try {
      const memory = this.#remember(order, pid)
      const tell = sessionTeller(order, this.telling)
      this.supervisor.add(new LaunchSession({ listener, policy, memory, tell }))
      return {}
    } catch (error) {
      // Without this file a successor could not continue, so this launch fails. The others are served.
      listener[Symbol.dispose]()
      return { error: `the state folder of its supervisor cannot be written: ${String(error)}` }
    }
  }

  /** Makes the file of a launch. Throws if it cannot write it (ENOSPC). */
  #remember(order: SupervisorOrder, pid: number): SupervisorMemory {
    this.#launches += 1
    const path = join(this.#state, `${process.pid}-${this.#launches}-${pid}`)
    const fd = openSync(path, 'wx+', 0o600)
    const memory = this.#memory(path, fd)
    try {
      saveFixed(fd, order)
    } catch (error) {
      memory.forget()
      throw error
    }
    return memory
  }

  #memory(path: string, fd: number): SupervisorMemory {
    return sessionMemory(fd, () => {
      closeFd(fd)
      rmSync(path, { force: true })
    })
  }
}

/**
 * Serves all launches whose `run` names its socket, until SIGTERM or SIGINT. After that, VMs continue, and their calls wait for the next
 * supervisor. Returns the exit code.
 */
export const superviseHost = async ({
  socket: path,
  state,
  metrics,
  reportLaunch,
}: HostOptions): Promise<number> => {
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const socket = openSupervisorSocket(path)
  if (socket.kind === 'failed') {
    say(`cpufeatures supervise: ${socket.message}`)
    return socket.exitCode
  }
  const pending = new Set<Promise<void>>()
  const outcomes = metrics === undefined ? undefined : new LaunchMetrics(metrics, { say, pending })
  const onOutcome: Telling['onOutcome'] = (record, isFirst) => outcomes?.add(record, isFirst)
  const host = new HostSupervisor(state, { say, pending, onOutcome, reportLaunch })
  let ending = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      ending = true
    })
  setTimerSlack(1)
  host.takeOver()
  const listening = socket.listen()
  if (listening < 0) {
    say(`cpufeatures supervise: --socket ${path}: ${errnoName(-listening)}`)
    return 1
  }
  host.supervisor.watch(socket.fd, () => {
    host.accept(socket.fd)
  })
  say(`cpufeatures: serving launches at ${path}`)
  const isOver = (): boolean => ending && !host.supervisor.isServing
  await superviseLaunches(host.supervisor, { pending, isOver, heartbeatMs: HEARTBEAT_MS })
  rmSync(path, { force: true })
  await Promise.allSettled(pending)
  return 0
}
