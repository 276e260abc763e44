import { readdirSync, statSync } from 'node:fs'
import { ERRNO } from '../../linux/abi/errno.ts'
import { isVcpuLink, VcpuFile } from '../../linux/kvm/vcpu-file.ts'
import { compareFiles } from '../../linux/process/kcmp.ffi.ts'
import { PidFd } from '../../linux/process/pidfd.ffi.ts'
import type { VcpuTables } from './call-vcpus.ts'
import { isZombie, linkOfFd, liveThreadsOf, threadsOf } from './process-facts.ts'

/** A thread, and the process it is of. */
export type ThreadOfProcess = { readonly tid: number; readonly pid: number }

/** What duplicates fds of a thread's table; -errno, EINVAL where this kernel has nothing that does. */
const tableOf = ({ tid, pid }: ThreadOfProcess): PidFd | number => {
  const thread = PidFd.openThread(tid)
  // Before Linux 6.9 only the first thread of a process can be held.
  const isFirstHeld = thread === -ERRNO.EINVAL && (tid === pid || compareFiles(tid, pid) === 'shared')
  return isFirstHeld ? PidFd.open(pid) : thread
}

/** A duplicate of an fd of a thread's table; or -errno. */
export const duplicateOf = (thread: ThreadOfProcess, fd: number): number => {
  const table = tableOf(thread)
  if (typeof table === 'number') return table
  using held = table
  return held.getFd(fd)
}

/**
 * More fds or tables are not looked through: a VMM could keep its supervisor from all others with them. With 255 vCPUs and as many
 * queues QEMU has some thousands.
 */
const MOST_FDS = 16_384
const MOST_TABLES = 64

/** Over this many fds, the rest of a look at several tables is not made. */
class FdBudget {
  #left = MOST_FDS

  /** Whether so many more may be looked at. */
  takes(fds: number): boolean {
    this.#left -= fds
    return this.#left >= 0
  }
}

/** The fds of a thread's table that are vCPUs; undefined if it may not be listed, or has too many. Empty if the thread has gone. */
const vcpuFds = (tid: number, budget: FdBudget): number[] | undefined => {
  const folder = `/proc/${tid}/fd`
  try {
    // As its size the kernel gives the number of entries: proc_fd_getattr, fs/proc/fd.c (Linux 6.2).
    if (!budget.takes(statSync(folder).size)) return undefined
    return readdirSync(folder)
      .map(Number)
      .filter((fd) => isVcpuLink(linkOfFd(tid, fd)))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // What has ended is root's to look at.
    return code === 'ENOENT' || code === 'ESRCH' || isZombie(tid) ? [] : undefined
  }
}

/** One thread of each file table that the threads of these processes have; undefined if it could not be told, or they are too many. */
const tableHolders = (first: ThreadOfProcess, pids: readonly number[]): ThreadOfProcess[] | undefined => {
  const holders = [first]
  for (const pid of pids)
    for (const tid of threadsOf(pid)) {
      const sharings = holders.map((holder) =>
        holder.tid === tid ? 'shared' : compareFiles(holder.tid, tid),
      )
      if (sharings.includes('untold')) return undefined
      if (sharings.every((sharing) => sharing === 'separate')) holders.push({ tid, pid })
      if (holders.length > MOST_TABLES) return undefined
    }
  return holders
}

/** One thread of each file table that the threads of a process have; if nobody can tell the tables apart, one that has not ended. */
export const tablesOf = (pid: number): readonly ThreadOfProcess[] => {
  const [tid] = liveThreadsOf(pid)
  if (tid === undefined) return []
  const first = { tid, pid }
  return tableHolders(first, [pid]) ?? [first]
}

/** The vCPUs in the file tables of processes that share a memory, seen from one of their threads. */
export class ProcessTables implements VcpuTables {
  readonly #caller: ThreadOfProcess
  readonly #pids: readonly number[]

  /** `pids`: all processes that share the caller's memory, its own too. */
  constructor(caller: ThreadOfProcess, pids: readonly number[]) {
    this.#caller = caller
    this.#pids = pids
  }

  vcpu(fd: number): VcpuFile | 'none' | 'unresolvable' {
    const duplicate = duplicateOf(this.#caller, fd)
    if (duplicate === -ERRNO.EBADF) return 'none'
    if (duplicate < 0) return 'unresolvable'
    return VcpuFile.own(duplicate) ?? 'none'
  }

  marked(): VcpuFile[] | undefined {
    const found: VcpuFile[] = []
    let seesAll = false
    try {
      const budget = new FdBudget()
      const holders = tableHolders(this.#caller, this.#pids)
      seesAll = holders?.every((holder) => addMarked(holder, { found, budget })) === true
    } finally {
      if (!seesAll) for (const one of found) one[Symbol.dispose]()
    }
    return seesAll ? found : undefined
  }
}

/** Adds the marked vCPUs of a table; false if they could not all be seen. */
const addMarked = (
  holder: ThreadOfProcess,
  { found, budget }: { readonly found: VcpuFile[]; readonly budget: FdBudget },
): boolean => {
  const fds = vcpuFds(holder.tid, budget)
  if (fds === undefined) return false
  if (fds.length === 0) return true
  const table = tableOf(holder)
  if (typeof table === 'number') return false
  using held = table
  return fds.every((fd) => addVcpu(held, fd, found))
}

const addVcpu = (table: PidFd, fd: number, found: VcpuFile[]): boolean => {
  const duplicate = table.getFd(fd)
  if (duplicate < 0) return duplicate === -ERRNO.EBADF
  const vcpu = VcpuFile.own(duplicate)
  if (vcpu === undefined) return true
  found.push(vcpu)
  // Not INITed, so it cannot have run.
  if (vcpu.number === 0) found.pop()?.[Symbol.dispose]()
  else vcpu.keepPagesOnly()
  return true
}
