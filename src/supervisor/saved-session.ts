import type { LaunchSession } from '../launch/act/launch-session.ts'
import { inheritListener } from '../launch/act/take-over.ts'
import type { LaunchPolicy } from '../launch/decide/launch-policy.ts'
import type { LaunchState } from '../launch/launch-state.ts'
import { LaunchRecorder } from '../launch/record/launch-recorder.ts'
import { errnoName } from '../linux/errno.ts'
import { continueLaunch, lostProcesses, lostRefusals, type LeftThreads } from './continue-launch.ts'
import { claimListener, type ListenerKeeper } from './listener-keeper.ts'
import { readLeftLaunch, readLeftOrder, type Unreadable } from './left-state.ts'
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
  | Unreadable

/** Reads what an ended supervisor left. Throws if it cannot read the file. */
export const readLeft = (fd: number): LeftBehind => {
  const left = readLeftOrder(fd)
  // The order is saved before the launcher is answered.
  if (left.kind !== 'left') return left
  const read = readOrder(left.order)
  if (read.kind !== 'order') return { kind: 'unreadable', why: read.message }
  const launch = readLeftLaunch(fd)
  if (launch.kind === 'empty') return { kind: 'nothing-served' }
  if (launch.kind !== 'left') return launch
  const { order, policy } = read
  return { kind: 'session', saved: { order, policy, launch: launch.launch } }
}

/** A session that an ended supervisor left in a file, and what continues it. */
export type LeftSession = {
  readonly fd: number
  readonly saved: SavedSession
  readonly memory: SupervisorMemory
  readonly keeper: ListenerKeeper
} & LeftThreads

/** The session goes on; or its VMM has ended, which is told here; or its listener cannot be taken from the VMM. */
export type TakenOver =
  | { readonly kind: 'session'; readonly session: LaunchSession }
  | { readonly kind: 'ended' }
  | { readonly kind: 'refused'; readonly why: string }

/** Takes over a session from a supervisor that has ended. */
export const takeOverSession = (left: LeftSession, telling: Telling): TakenOver => {
  const { fd, saved, memory, keeper, lost = lostProcesses(fd), interrupted } = left
  const { order, launch, policy } = saved
  const tell = sessionTeller(order, telling)
  const inherited = inheritListener(launch.processes)
  if (inherited.kind === 'refused')
    return { kind: 'refused', why: `pidfd_getfd: ${errnoName(inherited.errno)}` }
  if (inherited.kind === 'gone') {
    const recorder = new LaunchRecorder(policy, launch.recorder)
    recorder.addRefusals(lostRefusals(lost), lost.length > 0)
    tell('ended', recorder.record())
    return { kind: 'ended' }
  }
  const { listener } = inherited
  claimListener(listener.fd, keeper)
  const pids = launch.processes.map(({ pid }) => pid)
  const start = { listener, policy, memory, tell, state: launch }
  return { kind: 'session', session: continueLaunch({ fd, pids, start, lost, interrupted }) }
}
