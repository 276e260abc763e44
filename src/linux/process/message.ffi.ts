import {
  decodeRights,
  encodeRights,
  IOVEC,
  MOST_FDS,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_TRUNC,
  MSGHDR,
  rightsBytes,
} from '../abi/message.ts'
import { addressOf } from '../ioctl.ffi.ts'
import { bindSystemCall } from '../libc.ffi.ts'

const sendmsg: (fd: number, message: Buffer, flags: number) => number = bindSystemCall(
  'long sendmsg(int fd, void *message, int flags)',
)
const recvmsg: (fd: number, message: Buffer, flags: number) => number = bindSystemCall(
  'long recvmsg(int fd, void *message, int flags)',
)

/** A struct msghdr of one struct iovec. Both buffers must live as long as it does. */
const messageOf = (bytes: Buffer, control: Buffer): { readonly header: Buffer; readonly iov: Buffer } => {
  const iov = Buffer.alloc(IOVEC.size)
  iov.writeBigUInt64LE(addressOf(bytes), IOVEC.base)
  iov.writeBigUInt64LE(BigInt(bytes.length), IOVEC.length)
  const header = Buffer.alloc(MSGHDR.size)
  header.writeBigUInt64LE(addressOf(iov), MSGHDR.iov)
  header.writeBigUInt64LE(1n, MSGHDR.iovlen)
  if (control.length > 0) header.writeBigUInt64LE(addressOf(control), MSGHDR.control)
  header.writeBigUInt64LE(BigInt(control.length), MSGHDR.controllen)
  return { header, iov }
}

/**
 * sendmsg(2): bytes, and duplicates of fds with them (at most {@link MOST_FDS}). Never waits and raises no SIGPIPE. Returns the bytes
 * sent, or -errno: EAGAIN if the socket is full.
 */
export const sendMessage = (fd: number, bytes: Buffer, fds: readonly number[] = []): number => {
  const control = encodeRights(fds)
  return sendmsg(fd, messageOf(bytes, control).header, MSG_DONTWAIT | MSG_NOSIGNAL)
}

/** `fds`: ours now, close-on-exec. `isWhole`: nothing of it was cut off. A socket whose other side has closed gives no bytes. */
export type ReceivedMessage = {
  readonly bytes: Buffer
  readonly fds: readonly number[]
  readonly isWhole: boolean
}

/** recvmsg(2): the next message of at most so many bytes. Never waits. -errno: EAGAIN if there is none. */
export const receiveMessage = (fd: number, mostBytes: number): ReceivedMessage | number => {
  const bytes = Buffer.alloc(mostBytes)
  const control = Buffer.alloc(rightsBytes(MOST_FDS))
  const { header } = messageOf(bytes, control)
  const length = recvmsg(fd, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
  if (length < 0) return length
  const flags = header.readInt32LE(MSGHDR.flags)
  return {
    bytes: bytes.subarray(0, length),
    fds: decodeRights(control.subarray(0, Number(header.readBigUInt64LE(MSGHDR.controllen)))),
    isWhole: (flags & (MSG_TRUNC | MSG_CTRUNC)) === 0,
  }
}
