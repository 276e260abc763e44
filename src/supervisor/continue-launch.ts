import { refusal } from '../catalogue/refusal-reasons.ts'
import { InterruptedThreads } from '../launch/act/interrupted-threads.ts'
import { LaunchSession, type SessionStart } from '../launch/act/launch-session.ts'
import { isAlive } from '../launch/act/process-facts.ts'
import { waitingThreads } from '../launch/act/take-over.ts'
import { clearMarks, readMarks } from './saved-state.ts'

/** What a supervisor that has ended, or had a fault, left of the threads that it was serving. */
export type LeftThreads = {
  /** Processes that were held, and are known to have died. Default: those that are not there any more. */
  readonly lost?: readonly number[] | undefined
  /** Threads that were interrupted before, and may still have to be let go. */
  readonly interrupted?: readonly number[] | undefined
}

/** A launch that another supervisor served, and its listener. */
export type LaunchToContinue = {
  /** The file of the launch. */
  readonly fd: number
  /** Processes of which a thread may wait in a call that nobody answers any more. */
  readonly pids: readonly number[]
  readonly start: Omit<SessionStart, 'interrupted'>
} & LeftThreads

const lostSupervisor = (pid: number) => refusal({ reason: 'LostSupervisor', cause: `pid ${pid}` })

/** The processes that died with their supervisor, by the marks in the file. */
export const lostProcesses = (fd: number): number[] => readMarks(fd).filter((held) => !isAlive(held))

/** What a record says of processes that died with their supervisor. */
export const lostRefusals = (lost: readonly number[]) => lost.map(lostSupervisor)

/** Serves a launch where another supervisor left it: threads that wait in a call are interrupted, so that it notifies again. */
export const continueLaunch = ({
  fd,
  pids,
  start,
  lost = lostProcesses(fd),
  interrupted,
}: LaunchToContinue): LaunchSession => {
  clearMarks(fd)
  const waiting = waitingThreads(pids.map((pid) => ({ pid })))
  const session = new LaunchSession({ ...start, interrupted: new InterruptedThreads(interrupted, waiting) })
  session.addLost(lostRefusals(lost))
  return session
}
