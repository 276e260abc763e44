import { unknownKeys } from '../api/unknown-keys.ts'
import { refusal } from '../catalogue/refusal-reasons.ts'
import { InterruptedThreads } from '../launch/act/interrupted-threads.ts'
import { LaunchSession } from '../launch/act/launch-session.ts'
import { isAlive } from '../launch/act/process-facts.ts'
import { inheritListener, waitingThreads } from '../launch/act/take-over.ts'
import type { LaunchPolicy } from '../launch/decide/launch-policy.ts'
import { launchState, type LaunchState } from '../launch/launch-state.ts'
import { LaunchRecorder } from '../launch/record/launch-recorder.ts'
import { errnoName } from '../linux/errno.ts'
import { claimListener, type ListenerKeeper } from './listener-keeper.ts'
import { clearMarks, readFixed, readForm, readMarks, readSaved } from './saved-state.ts'
import type { SupervisorMemory } from '../launch/act/supervisor-memory.ts'
import { sessionTeller, type Telling } from './session-teller.ts'
import { readOrder, type SupervisorOrder } from './supervisor-order.ts'

/** A session as its supervisor left it: the order, which never changes, and what it knew of the launch. */
export type SavedSession = {
  readonly order: SupervisorOrder
  readonly policy: LaunchPolicy
  readonly launch: LaunchState
}

/** What an ended supervisor left in a file. */
export type LeftBehind =
  /** Nothing: it had taken no listener. */
  | { readonly kind: 'empty' }
  /** It had served no call: its listener ended with it, and nothing can be launched any more. */
  | { readonly kind: 'nothing-served' }
  | { readonly kind: 'session'; readonly saved: SavedSession }
  /** There may be a launch, of which this version cannot read what was known. */
  | { readonly kind: 'unreadable'; readonly why: string }

const unreadable = (why: string): LeftBehind => ({ kind: 'unreadable', why })

const readLaunch = (fd: number, { order, policy }: Omit<SavedSession, 'launch'>): LeftBehind => {
  const saved = readSaved(fd)
  if (saved.kind !== 'value')
    return saved.kind === 'empty' ? { kind: 'nothing-served' } : unreadable('it is damaged')
  const launch = launchState.safeParse(saved.value)
  const isWhole = launch.success && unknownKeys(saved.value, launch.data).length === 0
  return isWhole
    ? { kind: 'session', saved: { order, policy, launch: launch.data } }
    : unreadable('another version of cpufeatures wrote it')
}

/** Reads what an ended supervisor left. Throws if it cannot read the file. */
export const readLeft = (fd: number): LeftBehind => {
  const form = readForm(fd)
  switch (form.kind) {
    case 'empty':
      return { kind: 'empty' }
    case 'foreign':
      return unreadable('it is not the state of a launch')
    case 'other-version':
      return unreadable(`it has version ${form.version} of the form, and this cpufeatures reads another`)
    case 'current': {
      const order = readFixed(fd)
      // The order is saved before the launcher is answered.
      if (order.kind !== 'value')
        return order.kind === 'empty' ? { kind: 'empty' } : unreadable('it is damaged')
      const read = readOrder(order.value)
      return read.kind === 'order' ? readLaunch(fd, read) : unreadable(read.message)
    }
    default:
      return form satisfies never
  }
}

/** A session that an ended supervisor left in a file, and what continues it. */
export type LeftSession = {
  readonly fd: number
  readonly saved: SavedSession
  readonly memory: SupervisorMemory
  readonly keeper: ListenerKeeper
  /** Processes that were held, and are known to have died. Default: those that are not there any more. */
  readonly lost?: readonly number[] | undefined
  /** Threads that were interrupted before, and may still have to be let go. */
  readonly interrupted?: readonly number[] | undefined
}

/** The session goes on; or its VMM has ended, which is told here; or its listener cannot be taken from the VMM. */
export type TakenOver =
  | { readonly kind: 'session'; readonly session: LaunchSession }
  | { readonly kind: 'ended' }
  | { readonly kind: 'refused'; readonly why: string }

const lostSupervisor = (pid: number) => refusal({ reason: 'LostSupervisor', cause: `pid ${pid}` })

/** Takes over a session from a supervisor that has ended. */
export const takeOverSession = (left: LeftSession, telling: Telling): TakenOver => {
  const { fd, saved, memory, keeper, lost = readMarks(fd).filter((held) => !isAlive(held)) } = left
  const { order, launch, policy } = saved
  const tell = sessionTeller(order, telling)
  const inherited = inheritListener(launch.processes)
  if (inherited.kind === 'refused')
    return { kind: 'refused', why: `pidfd_getfd: ${errnoName(inherited.errno)}` }
  if (inherited.kind === 'gone') {
    const recorder = new LaunchRecorder(policy, launch.recorder)
    recorder.addRefusals(lost.map(lostSupervisor), lost.length > 0)
    tell('ended', recorder.record())
    return { kind: 'ended' }
  }
  const { listener } = inherited
  claimListener(listener.fd, keeper)
  clearMarks(fd)
  const interrupted = new InterruptedThreads(left.interrupted, waitingThreads(launch.processes))
  const session = new LaunchSession({ listener, policy, memory, tell, state: launch, interrupted })
  session.addLost(lost.map(lostSupervisor))
  return { kind: 'session', session }
}
