import { fstatSync } from 'node:fs'
import { addressOf } from '../ioctl.ffi.ts'
import { bindSystemCall } from '../libc.ffi.ts'

const RWF_NOWAIT = 8
const AT_ITS_END = -1
const pwritev2 = bindSystemCall('long pwritev2(int fd, void *iov, int count, long offset, int flags)')
// struct iovec {void *base; size_t length}.
const IOVEC = { size: 16, length: 8 } as const

const canWaitForReader = (fd: number): boolean => {
  const file = fstatSync(fd)
  return file.isFIFO() || file.isSocket()
}

/**
 * write(2) that does not wait for a reader: the bytes written, or -errno; -EAGAIN if a pipe or socket is full, whoever else writes to it.
 * The O_NONBLOCK flag stays as it is, because other processes may have the same open file. Throws if there is no such fd.
 */
export const writeNow = (fd: number, bytes: Buffer): number => {
  const iov = Buffer.alloc(IOVEC.size)
  iov.writeBigUInt64LE(addressOf(bytes))
  iov.writeBigUInt64LE(BigInt(bytes.length), IOVEC.length)
  return pwritev2(fd, iov, 1, AT_ITS_END, canWaitForReader(fd) ? RWF_NOWAIT : 0)
}
