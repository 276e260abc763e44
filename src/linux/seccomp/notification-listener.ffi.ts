import {
  SECCOMP_IOCTL_NOTIF_ADDFD,
  SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_RECV,
  SECCOMP_IOCTL_NOTIF_SEND,
  SECCOMP_NOTIF,
  SECCOMP_NOTIF_ADDFD,
  SECCOMP_NOTIF_RESP,
  SECCOMP_USER_NOTIF_FLAG_CONTINUE,
} from '../abi/seccomp.ts'
import { ioctl } from '../ioctl.ffi.ts'
import { closeFd } from '../process/close.ffi.ts'
import { interruptEvery } from '../process/interval-timer.ffi.ts'
import { readNotification } from './read-notification.ts'

const O_CLOEXEC = 0o2000000
/** Receiving blocks if the call has gone meanwhile, because the VMM, which has a duplicate of the listener, took it itself. */
const LONGEST_RECEIVE_MS = 200

/** A call that waits for an answer. */
export type Notification = {
  readonly id: bigint
  /** The thread's number in the pid namespace of the process that received it; 0 if the thread is not in it. */
  readonly tid: number
  readonly syscall: number
  readonly arch: number
  readonly args: readonly bigint[]
}

/** The listener of a seccomp filter: SECCOMP_IOCTL_NOTIF_*, seccomp_unotify(2). Owns its fd. */
export class NotificationListener {
  readonly fd: number
  readonly #request = Buffer.alloc(SECCOMP_NOTIF.size)
  readonly #response = Buffer.alloc(SECCOMP_NOTIF_RESP.size)

  constructor(fd: number) {
    this.fd = fd
  }

  /** The next call, or -errno: EINTR if there was none for a moment, ENOENT if it was interrupted again or no task is left. */
  receive(): Notification | number {
    this.#request.fill(0)
    interruptEvery(LONGEST_RECEIVE_MS)
    const { errno } = ioctl(this.fd, SECCOMP_IOCTL_NOTIF_RECV, this.#request)
    interruptEvery(0)
    if (errno !== 0) return -errno
    return readNotification(this.#request)
  }

  /** Whether the call still waits. If it does, everything read from its process before belongs to this very call. */
  isValid(id: bigint): boolean {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(id)
    return ioctl(this.fd, SECCOMP_IOCTL_NOTIF_ID_VALID, bytes).errno === 0
  }

  /** The call returns `value` (negative: -errno), and never happens. 0, or -errno: ENOENT if it no longer waits. */
  answer(id: bigint, value: bigint): number {
    const failed = value < 0n
    return this.#send(id, failed ? 0n : value, failed ? Number(value) : 0, 0)
  }

  /** The call goes on as if there were no filter. */
  resume(id: bigint): number {
    return this.#send(id, 0n, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE)
  }

  /** Puts a close-on-exec duplicate of our `fd` into the process of the call. Returns its number there, or -errno. */
  addFd(id: bigint, fd: number): number {
    const bytes = Buffer.alloc(SECCOMP_NOTIF_ADDFD.size)
    bytes.writeBigUInt64LE(id, SECCOMP_NOTIF_ADDFD.id)
    bytes.writeUInt32LE(fd, SECCOMP_NOTIF_ADDFD.srcfd)
    bytes.writeUInt32LE(O_CLOEXEC, SECCOMP_NOTIF_ADDFD.newfdFlags)
    const { result, errno } = ioctl(this.fd, SECCOMP_IOCTL_NOTIF_ADDFD, bytes)
    return errno === 0 ? result : -errno
  }

  #send(id: bigint, value: bigint, error: number, flags: number): number {
    this.#response.writeBigUInt64LE(id, SECCOMP_NOTIF_RESP.id)
    this.#response.writeBigInt64LE(value, SECCOMP_NOTIF_RESP.val)
    this.#response.writeInt32LE(error, SECCOMP_NOTIF_RESP.error)
    this.#response.writeUInt32LE(flags, SECCOMP_NOTIF_RESP.flags)
    return -ioctl(this.fd, SECCOMP_IOCTL_NOTIF_SEND, this.#response).errno
  }

  [Symbol.dispose](): void {
    closeFd(this.fd)
  }
}
