// include/linux/socket.h and struct msghdr, iovec and cmsghdr of 64-bit Linux (6.12): the same on arm64 and x86-64.
export const SOL_SOCKET = 1
export const SCM_RIGHTS = 1

export const MSG_CTRUNC = 0x8
export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40
export const MSG_NOSIGNAL = 0x4000
export const MSG_CMSG_CLOEXEC = 0x4000_0000

/** The most fds of one message: SCM_MAX_FD, include/net/scm.h. */
export const MOST_FDS = 253

/** struct iovec {void *base; size_t length}. */
export const IOVEC = { size: 16, base: 0, length: 8 } as const

/** struct msghdr {void *name; u32 namelen; iovec *iov; size_t iovlen; void *control; size_t controllen; int flags}. */
export const MSGHDR = { size: 56, iov: 16, iovlen: 24, control: 32, controllen: 40, flags: 48 } as const

/** struct cmsghdr {size_t len; int level; int type} and its data; each begins at a multiple of 8. */
const CMSGHDR = { size: 16, len: 0, level: 8, type: 12 } as const
const FD_BYTES = 4

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8

/** How many bytes of control data hold so many fds. */
export const rightsBytes = (fds: number): number => CMSGHDR.size + aligned(fds * FD_BYTES)

/** Control data that sends fds: one SCM_RIGHTS, unix(7). Empty if there are none. */
export const encodeRights = (fds: readonly number[]): Buffer => {
  if (fds.length === 0) return Buffer.alloc(0)
  const control = Buffer.alloc(rightsBytes(fds.length))
  control.writeBigUInt64LE(BigInt(CMSGHDR.size + fds.length * FD_BYTES), CMSGHDR.len)
  control.writeInt32LE(SOL_SOCKET, CMSGHDR.level)
  control.writeInt32LE(SCM_RIGHTS, CMSGHDR.type)
  fds.forEach((fd, index) => control.writeInt32LE(fd, CMSGHDR.size + index * FD_BYTES))
  return control
}

/** The fds in the control data that recvmsg(2) left, in order. Other control data is skipped. */
export const decodeRights = (control: Buffer): number[] => {
  const fds: number[] = []
  for (let at = 0; at + CMSGHDR.size <= control.length;) {
    const length = Number(control.readBigUInt64LE(at + CMSGHDR.len))
    if (length < CMSGHDR.size || at + length > control.length) break
    const isRights =
      control.readInt32LE(at + CMSGHDR.level) === SOL_SOCKET &&
      control.readInt32LE(at + CMSGHDR.type) === SCM_RIGHTS
    for (let fd = at + CMSGHDR.size; isRights && fd + FD_BYTES <= at + length; fd += FD_BYTES)
      fds.push(control.readInt32LE(fd))
    at += aligned(length)
  }
  return fds
}
