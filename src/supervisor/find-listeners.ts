import { readdirSync } from 'node:fs'
import { duplicateOf, tablesOf } from '../launch/act/process-tables.ts'
import { listenersIn } from '../launch/act/take-over.ts'
import { closeFd } from '../linux/process/close.ffi.ts'
import { isSameFile } from '../linux/process/kcmp.ffi.ts'
import { NotificationListener } from '../linux/seccomp/notification-listener.ffi.ts'

/** A listener, and the processes that have a duplicate of it. */
export type FoundListener = { readonly listener: NotificationListener; readonly pids: readonly number[] }

/** The listeners that were found; `refused`: how many this process may not look at. */
export type FoundListeners = { readonly found: readonly FoundListener[]; readonly refused: number }

/** The duplicate of a listener that this process has taken, and the processes that have a duplicate of it. */
type OwnedListener = { readonly fd: number; readonly pids: number[] }

const otherProcesses = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)

const isSame = (a: number, b: number): boolean =>
  isSameFile({ pid: process.pid, fd: a }, { pid: process.pid, fd: b })

/**
 * Looks for listeners in the processes of this host: a supervisor has put a duplicate of its listener into each process that it served.
 * `isWanted` says of a duplicate whether it is one of those.
 */
export const findListeners = (isWanted: (fd: number) => boolean): FoundListeners => {
  const found: OwnedListener[] = []
  let refused = 0
  const look = (pid: number, fd: number): void => {
    if (fd < 0) {
      refused += 1
      return
    }
    const known = found.find((one) => isSame(one.fd, fd))
    if (known === undefined && isWanted(fd)) {
      found.push({ fd, pids: [pid] })
      return
    }
    known?.pids.push(pid)
    closeFd(fd)
  }
  for (const thread of otherProcesses().flatMap(tablesOf))
    for (const fd of listenersIn(thread.tid)) look(thread.pid, duplicateOf(thread, fd))
  return {
    found: found.map(({ fd, pids }) => ({
      listener: new NotificationListener(fd),
      pids: [...new Set(pids)],
    })),
    refused,
  }
}
