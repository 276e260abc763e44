import type { LaunchState } from '../launch-state.ts'

/** Where a supervisor keeps what its successor needs. */
export type SupervisorMemory = {
  readonly save: (state: LaunchState) => void
  /** A thread of this process is held: should the supervisor die now, the process dies too. */
  readonly hold: (tid: number, pid: number) => void
  readonly letGo: (tid: number) => void
  /** The session is over: there is nothing to succeed to. */
  readonly forget: () => void
}
