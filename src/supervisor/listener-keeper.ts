import { readlinkSync } from 'node:fs'
import { isAlive } from '../launch/act/process-facts.ts'
import { fileOwner, fileSignal, setFileOwner, setFileSignal } from '../linux/process/file-owner.ffi.ts'

/*
 * A supervisor marks each listener that it serves as its own: with a signal number and an owner, which the kernel keeps in the open file.
 * They are there in every duplicate, and outlive the supervisor and its files. Nobody without a duplicate can read or write them. No
 * signal is ever sent: a seccomp listener knows no SIGIO (it has no `fasync`, kernel/seccomp.c). A listener of another program has none
 * of this, so nobody takes it for ours.
 */

/** Who serves a listener: the mark says which kind of supervisor, and the process is what lasts longest of it. */
export type ListenerKeeper = { readonly mark: number; readonly pid: number }

const HOST_MARK = 51
const LAUNCH_MARK = 52
const NODE_MARK = 53

/** This process serves it, for the whole host. */
export const hostKeeper = (): ListenerKeeper => ({ mark: HOST_MARK, pid: process.pid })

/** The agent of a node serves it, and its holder keeps it. */
export const nodeKeeper = (): ListenerKeeper => ({ mark: NODE_MARK, pid: process.pid })

/** Whether an agent of this node, which may have ended, serves a listener. */
export const isClaimedByNode = (fd: number): boolean => fileSignal(fd) === NODE_MARK

/** A shell has it served by this process, and by others after it: {@link startSupervisor}. */
export const launchKeeper = (): ListenerKeeper => ({ mark: LAUNCH_MARK, pid: process.ppid })

/** Marks a listener. Where that fails only one thing is lost: nobody could find it without its file. */
export const claimListener = (fd: number, { mark, pid }: ListenerKeeper): void => {
  setFileOwner(fd, pid)
  setFileSignal(fd, mark)
}

export const isClaimedBy = (fd: number, { mark, pid }: ListenerKeeper): boolean =>
  pid > 0 && fileSignal(fd) === mark && fileOwner(fd) === pid

/** The host's own pid namespace: PROC_PID_INIT_INO, include/linux/proc_ns.h (6.12). */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]'

/** Whether every process of the host has a pid here. */
export const seesAllProcesses = (): boolean => {
  try {
    return readlinkSync('/proc/self/ns/pid') === INITIAL_PID_NAMESPACE
  } catch {
    return false
  }
}

/**
 * Whether a supervisor of a whole host served it, and has certainly ended. The kernel says 0 for an owner that has ended, and for one that
 * has no pid in this namespace (f_getown, fs/fcntl.c): there, it may be alive, and to take its calls would harm both.
 */
export const isLeftByHost = (fd: number, seesAll: boolean): boolean => {
  if (fileSignal(fd) !== HOST_MARK) return false
  const owner = fileOwner(fd)
  return owner > 0 ? !isAlive(owner) : owner === 0 && seesAll
}
