import * as z from 'zod'
import { LaunchSession } from '../launch/act/launch-session.ts'
import type { SupervisorMemory } from '../launch/act/supervisor-memory.ts'
import { inheritListener, interruptWaitingCalls, isAlive } from '../launch/act/take-over.ts'
import { launchPolicy } from '../launch/decide/launch-policy.ts'
import { LaunchRecorder } from '../launch/record/launch-recorder.ts'
import { refusal } from '../catalogue/refusal-reasons.ts'
import { launchState } from '../launch/launch-state.ts'
import { readFixed, readMarks, readSaved } from './saved-state.ts'
import { supervisorOrder } from './supervisor-order.ts'
import { sessionTeller, type Telling } from './session-teller.ts'

const savedState = z.object({ order: supervisorOrder, launch: launchState })

/** A session as its supervisor left it: the order, which never changes, and what it knew of the launch. */
export type SavedSession = z.infer<typeof savedState>

/** What a killed supervisor left in a file; undefined if it left nothing. */
export const readSession = (fd: number): SavedSession | undefined => {
  const saved = savedState.safeParse({ order: readFixed(fd), launch: readSaved(fd) })
  return saved.success ? saved.data : undefined
}

/** A file with the session that a supervisor left there, and the memory that continues it. */
export type LeftSession = {
  readonly fd: number
  readonly saved: SavedSession
  readonly memory: SupervisorMemory
}

/**
 * Takes over a session from a supervisor that was killed. Undefined where its VMM has ended, or died with the supervisor that held it:
 * that is told here, for the dead cannot.
 */
export const takeOverSession = (
  { fd, saved, memory }: LeftSession,
  telling: Telling,
): LaunchSession | undefined => {
  const { order, launch } = saved
  const policy = launchPolicy(order.plan)
  if (policy.kind === 'unusable') return undefined
  const tell = sessionTeller(order, telling)
  const lost = readMarks(fd).filter((held) => !isAlive(held))
  const listener = inheritListener(launch.processes)
  if (listener === undefined) {
    const recorder = new LaunchRecorder(policy.policy, launch.recorder)
    recorder.addFindings(lost.map(lostSupervisor), lost.length > 0)
    tell('ended', recorder.record())
    return undefined
  }
  const interrupted = interruptWaitingCalls(launch.processes)
  const session = new LaunchSession({
    listener,
    policy: policy.policy,
    memory,
    tell,
    state: launch,
    interrupted,
  })
  session.addLost(lost.map(lostSupervisor))
  return session
}

const lostSupervisor = (pid: number) => refusal({ reason: 'LostSupervisor', limit: `pid ${pid}` })
