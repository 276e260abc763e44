import { errnoName } from '../linux/errno.ts'
import { PidFd } from '../linux/process/pidfd.ffi.ts'
import { NotificationListener } from '../linux/seccomp/notification-listener.ffi.ts'

/** The listener of another process, or why we could not get it. */
export type TakenListener =
  | { readonly kind: 'taken'; readonly listener: NotificationListener }
  | { readonly kind: 'failed'; readonly message: string }

/** Takes a duplicate of `pid`'s listener. This needs the same rights as tracing: if it succeeds, so will ptrace. */
export const takeListener = (pid: number, fd: number): TakenListener => {
  const process = PidFd.open(pid)
  if (typeof process === 'number') {
    return { kind: 'failed', message: `pidfd_open: ${errnoName(-process)}` }
  }
  using held = process
  const listener = held.getFd(fd)
  return listener < 0
    ? {
        kind: 'failed',
        message:
          `the supervisor may not trace the VMM (pidfd_getfd: ${errnoName(-listener)}); ` +
          'it needs the same user and PR_SET_PTRACER, or CAP_SYS_PTRACE',
      }
    : { kind: 'taken', listener: new NotificationListener(listener) }
}
