import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { ERRNO } from '../linux/abi/errno.ts'
import { errnoName } from '../linux/errno.ts'
import { closeFd } from '../linux/process/close.ffi.ts'
import { bindUnixSocket, connectUnixSocket, listenAt } from '../linux/process/unix-socket.ffi.ts'

/** A socket of which we are the only server; or why there is none, and the exit code. */
export type SupervisorSocket =
  | { readonly kind: 'bound'; readonly fd: number; readonly listen: () => number }
  | { readonly kind: 'failed'; readonly message: string; readonly exitCode: number }

const isServed = (path: string): boolean => {
  const fd = connectUnixSocket(path)
  if (fd < 0) return false
  closeFd(fd)
  return true
}

/**
 * Opens a socket that only its owner may use, because whoever connects gets plans applied and files written as the supervisor's user.
 * Replaces the socket of a supervisor that has ended.
 */
export const openSupervisorSocket = (path: string): SupervisorSocket => {
  mkdirSync(dirname(path), { recursive: true })
  let fd = bindUnixSocket(path)
  if (fd === -ERRNO.EADDRINUSE) {
    if (!lstatSync(path).isSocket()) {
      const message = `--socket ${path}: this file exists and is not a socket, so it was left unchanged; give another path`
      return { kind: 'failed', message, exitCode: 2 }
    }
    if (isServed(path)) {
      const message = `--socket ${path}: another supervisor already serves it; one is enough for all launches of a host`
      return { kind: 'failed', message, exitCode: 1 }
    }
    rmSync(path, { force: true })
    fd = bindUnixSocket(path)
  }
  if (fd < 0) return { kind: 'failed', message: `--socket ${path}: ${errnoName(-fd)}`, exitCode: 2 }
  // Nobody can connect before the socket listens.
  chmodSync(path, 0o600)
  return { kind: 'bound', fd, listen: () => listenAt(fd) }
}
