import { readdirSync, readlinkSync } from 'node:fs'
import { ERRNO } from '../../linux/abi/errno.ts'
import { isVcpuLink, VcpuFile } from '../../linux/kvm/vcpu-file.ts'
import { compareFiles } from '../../linux/process/kcmp.ffi.ts'
import { PidFd } from '../../linux/process/pidfd.ffi.ts'
import type { VcpuTables } from './call-vcpus.ts'
import { isZombie, threadsOf } from './process-facts.ts'

/** A thread, and the process it is of. */
export type ThreadOfProcess = { readonly tid: number; readonly pid: number }

/** What duplicates fds of a thread's table; undefined where this kernel has nothing that does. */
const tableOf = ({ tid, pid }: ThreadOfProcess): PidFd | undefined => {
  const thread = PidFd.openThread(tid)
  if (typeof thread !== 'number') return thread
  // Before Linux 6.9 only the first thread of a process can be held.
  if (thread !== -ERRNO.EINVAL || (tid !== pid && compareFiles(tid, pid) !== 'shared')) return undefined
  const process = PidFd.open(pid)
  return typeof process === 'number' ? undefined : process
}

const linkOf = (tid: number, fd: number): string => {
  try {
    return readlinkSync(`/proc/${tid}/fd/${fd}`)
  } catch {
    // It was closed.
    return ''
  }
}

/** The fds of a thread's table that are vCPUs; undefined if it may not be listed. Empty if the thread has gone. */
const vcpuFds = (tid: number): number[] | undefined => {
  try {
    return readdirSync(`/proc/${tid}/fd`)
      .map(Number)
      .filter((fd) => isVcpuLink(linkOf(tid, fd)))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // What has ended is root's to look at.
    return code === 'ENOENT' || code === 'ESRCH' || isZombie(tid) ? [] : undefined
  }
}

/** One thread of each file table that the threads of these processes have; undefined if it could not be told. */
const tableHolders = (first: ThreadOfProcess, pids: readonly number[]): ThreadOfProcess[] | undefined => {
  const holders = [first]
  for (const pid of pids)
    for (const tid of threadsOf(pid)) {
      const sharings = holders.map((holder) =>
        holder.tid === tid ? 'shared' : compareFiles(holder.tid, tid),
      )
      if (sharings.includes('untold')) return undefined
      if (sharings.every((sharing) => sharing === 'separate')) holders.push({ tid, pid })
    }
  return holders
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
    using table = tableOf(this.#caller)
    if (table === undefined) return 'unresolvable'
    const duplicate = table.getFd(fd)
    if (duplicate === -ERRNO.EBADF) return 'none'
    if (duplicate < 0) return 'unresolvable'
    return VcpuFile.own(duplicate) ?? 'none'
  }

  marked(): VcpuFile[] | undefined {
    const found: VcpuFile[] = []
    let seesAll = false
    try {
      seesAll = tableHolders(this.#caller, this.#pids)?.every((holder) => addMarked(holder, found)) === true
    } finally {
      if (!seesAll) for (const one of found) one[Symbol.dispose]()
    }
    return seesAll ? found : undefined
  }
}

/** Adds the marked vCPUs of a table; false if they could not all be seen. */
const addMarked = (holder: ThreadOfProcess, found: VcpuFile[]): boolean => {
  const fds = vcpuFds(holder.tid)
  if (fds === undefined) return false
  if (fds.length === 0) return true
  using table = tableOf(holder)
  return table !== undefined && fds.every((fd) => addVcpu(table, fd, found))
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
