import { ERRNO } from '../abi/errno.ts'
import { bindSystemCall } from '../libc.ffi.ts'
import { closeFd } from './close.ffi.ts'

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_SEQPACKET = 5
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const BACKLOG = 128
/** struct sockaddr_un {u16 family; char path[108]}: the most bytes of a path, with its NUL. */
const PATH_BYTES = 108
const PATH_OFFSET = 2

const socket: (domain: number, type: number, protocol: number) => number = bindSystemCall(
  'int socket(int domain, int type, int protocol)',
)
const bind: (fd: number, address: Buffer, length: number) => number = bindSystemCall(
  'int bind(int fd, void *address, unsigned int length)',
)
const connect: (fd: number, address: Buffer, length: number) => number = bindSystemCall(
  'int connect(int fd, void *address, unsigned int length)',
)
const listen: (fd: number, backlog: number) => number = bindSystemCall('int listen(int fd, int backlog)')
const accept4: (fd: number, address: null, length: null, flags: number) => number = bindSystemCall(
  'int accept4(int fd, void *address, void *length, int flags)',
)

const addressOfPath = (path: string): Buffer | undefined => {
  const bytes = Buffer.from(path)
  if (bytes.length >= PATH_BYTES) return undefined
  const address = Buffer.alloc(PATH_OFFSET + bytes.length + 1)
  address.writeUInt16LE(AF_UNIX)
  bytes.copy(address, PATH_OFFSET)
  return address
}

/** A new socket of a type that bind or connect gave an address; -errno if one of the calls failed. */
const socketAt = (path: string, type: number, give: typeof bind): number => {
  const address = addressOfPath(path)
  if (address === undefined) return -ERRNO.ENAMETOOLONG
  const fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0)
  if (fd < 0) return fd
  const result = give(fd, address, address.length)
  if (result < 0) closeFd(fd)
  return result < 0 ? result : fd
}

/** A socket at a path, unix(7), not listening yet: its fd, close-on-exec, or -errno: EADDRINUSE if there is a file. */
export const bindUnixSocket = (path: string): number => socketAt(path, SOCK_STREAM, bind)

/** listen(2). 0, or -errno. */
export const listenAt = (fd: number): number => listen(fd, BACKLOG)

/** A connection to the socket at a path: its fd, close-on-exec, or -errno: ENOENT, ECONNREFUSED if nobody listens. */
export const connectUnixSocket = (path: string): number => socketAt(path, SOCK_STREAM, connect)

/**
 * A connection to the socket at a path that keeps the bounds of messages (SOCK_SEQPACKET). It never waits, not even to connect:
 * EAGAIN if too many wait for whoever listens.
 */
export const connectPacketSocket = (path: string): number =>
  socketAt(path, SOCK_SEQPACKET | SOCK_NONBLOCK, connect)

/** accept4(2): a connection that waits, close-on-exec, or -errno. */
export const acceptConnection = (fd: number): number => accept4(fd, null, null, SOCK_CLOEXEC)
