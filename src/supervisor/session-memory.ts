import type { SupervisorMemory } from '../launch/act/supervisor-memory.ts'
import type { LaunchState } from '../launch/launch-state.ts'
import { saveMark, StateWriter } from './saved-state.ts'

/** A session's memory in a file of its own: what {@link StateWriter} saves, and a mark for each thread that is held. `forget` does away with the file. */
export const sessionMemory = (fd: number, forget: () => void): SupervisorMemory => {
  const writer = new StateWriter(fd)
  const held: (number | undefined)[] = []
  const mark = (place: number, pid: number): void => {
    saveMark(fd, place, pid)
  }
  return {
    save: (launch: LaunchState) => {
      writer.save(launch)
    },
    hold: (tid, pid) => {
      const free = held.indexOf(undefined)
      const place = free < 0 ? held.length : free
      // First: where it cannot be written (ENOSPC) the thread is not held.
      mark(place, pid)
      held[place] = tid
    },
    letGo: (tid) => {
      const place = held.indexOf(tid)
      if (place < 0) return
      held[place] = undefined
      mark(place, 0)
    },
    forget,
  }
}
