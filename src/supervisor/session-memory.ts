import type { SupervisorMemory } from '../launch/act/supervisor-memory.ts'
import type { LaunchState } from '../launch/launch-state.ts'
import { saveMark, StateWriter } from './saved-state.ts'

/**
 * A session's memory in its own file: what {@link StateWriter} saves, and a mark for each thread that is held. `forget` removes the
 * file.
 */
export const sessionMemory = (fd: number, forget: () => void): SupervisorMemory => {
  const writer = new StateWriter(fd)
  const held: (number | undefined)[] = []
  return {
    save: (launch: LaunchState) => {
      writer.save(launch)
    },
    hold: (tid, pid) => {
      const free = held.indexOf(undefined)
      const place = free < 0 ? held.length : free
      // Comes first: if this write fails (ENOSPC), the thread must not be held.
      saveMark(fd, place, pid)
      held[place] = tid
    },
    letGo: (tid) => {
      const place = held.indexOf(tid)
      if (place < 0) return
      held[place] = undefined
      saveMark(fd, place, 0)
    },
    forget,
  }
}
