import { SECCOMP_NOTIF } from '../abi/seccomp.ts'
import type { Notification } from './notification-listener.ffi.ts'

const ARGUMENTS = [0, 1, 2, 3, 4, 5]

/** Reads a struct seccomp_notif, as SECCOMP_IOCTL_NOTIF_RECV fills it. */
export const readNotification = (bytes: Buffer): Notification => ({
  id: bytes.readBigUInt64LE(SECCOMP_NOTIF.id),
  tid: bytes.readUInt32LE(SECCOMP_NOTIF.pid),
  syscall: bytes.readInt32LE(SECCOMP_NOTIF.nr),
  arch: bytes.readUInt32LE(SECCOMP_NOTIF.arch),
  args: ARGUMENTS.map((index) => bytes.readBigUInt64LE(SECCOMP_NOTIF.args + 8 * index)),
})
