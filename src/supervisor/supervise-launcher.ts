import { LaunchSession } from '../launch/act/launch-session.ts'
import { Supervisor } from '../launch/act/supervisor.ts'
import type { SupervisorMemory } from '../launch/act/supervisor-memory.ts'
import { LineReader, sendLine } from '../launch/launcher/line-pipe.ts'
import { saveFixed } from './saved-state.ts'
import { sessionMemory } from './session-memory.ts'
import { SUPERVISOR_FDS } from '../launch/launcher/start-supervisor.ts'
import { superviseLaunches } from './supervise-launches.ts'
import { listenerOffer } from '../launch/launcher/supervisor-messages.ts'
import { takeListener } from './take-listener.ts'
import { closeFd } from '../linux/process/close.ffi.ts'
import { setTimerSlack } from '../linux/process/prctl.ffi.ts'
import { readSession, takeOverSession, type SavedSession } from './saved-session.ts'
import { sayOn, sessionTeller, type ReportLaunch, type Telling } from './session-teller.ts'
import { readOrder } from './supervisor-order.ts'

/** A file without a path, which disappears with its processes. */
const memoryOfLaunch = (): SupervisorMemory => sessionMemory(SUPERVISOR_FDS.state, () => undefined)

/** Serves one session until no task of its filter is left. */
const serve = async (session: LaunchSession, { pending }: Telling): Promise<void> => {
  // Keeps no file system of the launcher busy.
  process.chdir('/')
  setTimerSlack(1)
  const supervisor = new Supervisor()
  supervisor.add(session)
  await superviseLaunches(supervisor, { pending, isOver: () => supervisor.sessions.size === 0 })
  await Promise.allSettled(pending)
}

const refuse = (error: string): number => {
  sendLine(SUPERVISOR_FDS.output, { error })
  return 1
}

/** Serves the launcher that started this process: its pipes are fds 3 and 4. */
const serveLauncher = async (telling: Telling): Promise<number> => {
  const input = new LineReader(SUPERVISOR_FDS.input)
  // If the launcher has failed, nobody reads this, and the launcher itself has said why.
  if (!sendLine(SUPERVISOR_FDS.output, { pid: process.pid })) return 0
  const given = input.receive(-1)
  const offer = listenerOffer.safeParse(input.receive(-1))
  if (!offer.success) return 0
  const read = readOrder(given)
  if (read.kind === 'unusable') return refuse(read.message)
  const taken = takeListener(offer.data.pid, offer.data.listener)
  if (taken.kind === 'failed') return refuse(taken.message)
  if (!sendLine(SUPERVISOR_FDS.output, {})) return 0
  closeFd(SUPERVISOR_FDS.input)
  closeFd(SUPERVISOR_FDS.output)
  const { order, policy } = read
  saveFixed(SUPERVISOR_FDS.state, order)
  const tell = sessionTeller(order, telling)
  await serve(
    new LaunchSession({ listener: taken.listener, policy, memory: memoryOfLaunch(), tell }),
    telling,
  )
  return 0
}

const succeed = async (saved: SavedSession, telling: Telling): Promise<number> => {
  const session = takeOverSession({ fd: SUPERVISOR_FDS.state, saved, memory: memoryOfLaunch() }, telling)
  if (session !== undefined) await serve(session, telling)
  await Promise.allSettled(telling.pending)
  return 0
}

/** As a shell tells of abort(3): it starts another supervisor, which finishes what this one left. */
const ABORTED = 134

/** What `run` starts beside a VMM: serves its launcher, or takes over from a supervisor of it that ended too early. Its exit code. */
export const superviseLauncher = async (reportLaunch: ReportLaunch): Promise<number> => {
  const say = sayOn(SUPERVISOR_FDS.told)
  const abort = (error: unknown): number => {
    const what = error instanceof Error ? error.stack : String(error)
    say(`cpufeatures: an internal error ended the supervisor, and another one takes over: ${what}`)
    return ABORTED
  }
  process.on('uncaughtException', (error) => process.exit(abort(error)))
  const telling = { say, pending: new Set<Promise<void>>(), reportLaunch }
  try {
    const saved = readSession(SUPERVISOR_FDS.state)
    return await (saved === undefined ? serveLauncher(telling) : succeed(saved, telling))
  } catch (error) {
    return abort(error)
  }
}
