import { LaunchSession } from '../launch/act/launch-session.ts'
import type { SupervisedSession } from '../launch/act/supervised-session.ts'
import { Supervisor } from '../launch/act/supervisor.ts'
import type { SupervisorMemory } from '../launch/act/supervisor-memory.ts'
import { LineReader, sendLine } from '../launch/launcher/line-pipe.ts'
import { findListeners } from './find-listeners.ts'
import { claimListener, isClaimedBy, launchKeeper } from './listener-keeper.ts'
import { OrphanedSession } from './orphaned-session.ts'
import { saveFixed } from './saved-state.ts'
import { sessionMemory } from './session-memory.ts'
import { SUPERVISOR_FDS } from '../launch/launcher/start-supervisor.ts'
import { superviseLaunches } from './supervise-launches.ts'
import { listenerOffer } from '../launch/launcher/supervisor-messages.ts'
import { takeListener } from './take-listener.ts'
import { closeFd } from '../linux/process/close.ffi.ts'
import { setTimerSlack } from '../linux/process/prctl.ffi.ts'
import { readLeft, takeOverSession, type SavedSession } from './saved-session.ts'
import { sayOn, sessionTeller, type ReportLaunch, type Telling } from './session-teller.ts'
import { readOrder } from './supervisor-order.ts'

/** A file without a path, which disappears with its processes. */
const memoryOfLaunch = (): SupervisorMemory => sessionMemory(SUPERVISOR_FDS.state, () => undefined)

/** Serves sessions until no task of their filters is left. */
const serve = async (sessions: readonly SupervisedSession[], { pending }: Telling): Promise<void> => {
  // Keeps no file system of the launcher busy.
  process.chdir('/')
  setTimerSlack(1)
  const supervisor = new Supervisor()
  for (const session of sessions) supervisor.add(session)
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
  // Under Yama the launcher lets this process and its descendants trace it: the shell that starts us starts our successors too.
  // If the launcher has failed, nobody reads this, and the launcher itself has said why.
  if (!sendLine(SUPERVISOR_FDS.output, { pid: process.ppid })) return 0
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
  claimListener(taken.listener.fd, launchKeeper())
  const tell = sessionTeller(order, telling)
  const session = new LaunchSession({ listener: taken.listener, policy, memory: memoryOfLaunch(), tell })
  await serve([session], telling)
  return 0
}

/** Goes on where another supervisor of this launch ended. */
const succeed = async (saved: SavedSession, telling: Telling): Promise<void> => {
  const taken = takeOverSession(
    { fd: SUPERVISOR_FDS.state, saved, memory: memoryOfLaunch(), keeper: launchKeeper() },
    telling,
  )
  if (taken.kind === 'refused') throw new Error(`the listener cannot be taken from the VMM: ${taken.why}`)
  if (taken.kind === 'session') await serve([taken.session], telling)
  await Promise.allSettled(telling.pending)
}

/** Keeps a launch going of which another version of this program left what this one cannot read. */
const serveOrphans = async (why: string, telling: Telling): Promise<void> => {
  const keeper = launchKeeper()
  const { found, refused } = findListeners((fd) => isClaimedBy(fd, keeper))
  if (found.length === 0 && refused > 0) throw new Error('the listener cannot be taken from the VMM')
  if (found.length > 0)
    telling.say(`cpufeatures: what a supervisor left of this launch cannot be read: ${why}; its VM goes on`)
  // Nobody else has this shell for a keeper, so nobody takes them from here.
  const care = { keeper, say: telling.say, onClaimed: () => undefined }
  await serve(
    found.map((one) => new OrphanedSession(one, care)),
    telling,
  )
}

/** Its exit code: 0 where nothing is left to supervise. */
const serveLeft = async (telling: Telling): Promise<number> => {
  const left = readLeft(SUPERVISOR_FDS.state)
  switch (left.kind) {
    case 'empty':
      return serveLauncher(telling)
    case 'nothing-served':
      return 0
    case 'session':
      await succeed(left.saved, telling)
      return 0
    case 'unreadable':
      await serveOrphans(left.why, telling)
      return 0
    default:
      return left satisfies never
  }
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
    return await serveLeft(telling)
  } catch (error) {
    return abort(error)
  }
}
