import { rmSync } from 'node:fs'
import { HostSupervisor } from './host-supervisor.ts'
import { LaunchConnection } from './launch-connection.ts'
import { superviseLaunches } from './supervise-launches.ts'
import { listenerOffer } from '../launch/launcher/supervisor-messages.ts'
import { errnoName } from '../linux/errno.ts'
import { setTimerSlack } from '../linux/process/prctl.ffi.ts'
import { acceptConnection } from '../linux/process/unix-socket.ffi.ts'
import { LaunchMetrics } from './launch-metrics.ts'
import { openSupervisorSocket } from './supervisor-socket.ts'
import { sayOn, type ReportLaunch, type Telling } from './session-teller.ts'
import { lockStateFolder } from './state-folder.ts'
import { readOrder, type ReadOrder, type UsableOrder } from './supervisor-order.ts'

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

/** Lets a launcher hand over its VMM: its order comes first, then where its listener is. */
const acceptLauncher = (host: HostSupervisor, socket: number): void => {
  const fd = acceptConnection(socket)
  if (fd < 0) return
  const connection = new LaunchConnection(fd)
  let order: ReadOrder | undefined
  const end = (): void => {
    host.supervisor.unwatch(fd)
    connection[Symbol.dispose]()
  }
  const onMessage = (message: unknown): boolean => {
    if (order === undefined) {
      order = readOrder(message)
      return true
    }
    connection.send({ error: order.kind === 'order' ? take(host, order, message) : order.message })
    return false
  }
  host.supervisor.watch(fd, () => {
    try {
      for (const event of connection.read()) {
        if (event.kind === 'partial') continue
        if (event.kind === 'message' && onMessage(event.message)) continue
        end()
        return
      }
    } catch (error) {
      // A fault of ours, at this launcher alone: without an answer it launches nothing.
      say(`cpufeatures supervise: an internal error ended a launch before it began: ${String(error)}`)
      end()
    }
  })
  connection.send({ pid: process.pid })
}

/** Why a launch cannot be served; undefined if it is. */
const take = (host: HostSupervisor, order: UsableOrder, message: unknown): string | undefined => {
  const offer = listenerOffer.safeParse(message)
  return offer.success
    ? host.take(order, offer.data.pid, offer.data.listener)
    : 'the supervisor does not understand where the listener is'
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
  const socket = openSupervisorSocket(path)
  if (socket.kind === 'failed') {
    say(`cpufeatures supervise: ${socket.message}`)
    return socket.exitCode
  }
  const notLocked = lockStateFolder(state)
  if (notLocked !== undefined) {
    rmSync(path, { force: true })
    say(`cpufeatures supervise: ${notLocked}`)
    return 1
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
    acceptLauncher(host, socket.fd)
  })
  say(`cpufeatures: serving launches at ${path}`)
  const isOver = (): boolean => ending && !host.supervisor.holdsThreads
  await superviseLaunches(host.supervisor, { pending, isOver, heartbeatMs: HEARTBEAT_MS })
  rmSync(path, { force: true })
  await Promise.allSettled(pending)
  return 0
}
