import { readSync } from 'node:fs'
import { ERRNO } from '../abi/errno.ts'
import { mapAnonymous } from '../kvm/mapped-memory.ffi.ts'
import { bindSystemCall } from '../libc.ffi.ts'
import { closeFd } from './close.ffi.ts'
import { createPipe } from './pipe.ffi.ts'

// include/linux/splice.h, include/uapi/linux/fcntl.h
const SPLICE_F_NONBLOCK = 2
const F_SETPIPE_SZ = 1031
const F_GETPIPE_SZ = 1032

const vmsplice = bindSystemCall('long vmsplice(int fd, void *iovec, size_t count, unsigned int flags)')
const tee = bindSystemCall('long tee(int from, int to, size_t length, unsigned int flags)')
const fcntl = bindSystemCall('int fcntl(int fd, int command, int argument)')

type Pipe = Exclude<ReturnType<typeof createPipe>, number>

const sizeOf = ({ writeEnd }: Pipe): number => fcntl(writeEnd, F_GETPIPE_SZ, 0)
const hasSize = (pipe: Pipe, size: number): boolean =>
  sizeOf(pipe) >= size || fcntl(pipe.writeEnd, F_SETPIPE_SZ, size) >= size

const iovec = new BigUint64Array(2)
const iovecBytes = Buffer.from(iovec.buffer)

/**
 * Bytes of memory that can be read when this process has unmapped it, and nobody has its file any more. They are in a pipe, by
 * vmsplice(2): that holds pages, and no file. tee(2) and read(2) show what they are now, in two calls for all of them.
 */
export class WatchedBytes {
  readonly #pieces: Pipe
  readonly #copies: Pipe
  #length = 0

  private constructor(pieces: Pipe, copies: Pipe) {
    this.#pieces = pieces
    this.#copies = copies
  }

  /** Where copies are read from; empty in between. All have one. */
  static #shared: Pipe | undefined

  /** Undefined where a pipe cannot be had, or the bytes of one are not those of the memory. */
  static open(): WatchedBytes | undefined {
    return showsChanges() ? WatchedBytes.#open() : undefined
  }

  static #open(): WatchedBytes | undefined {
    WatchedBytes.#shared ??= pipe()
    if (WatchedBytes.#shared === undefined) return undefined
    const pieces = pipe()
    return pieces === undefined ? undefined : new WatchedBytes(pieces, WatchedBytes.#shared)
  }

  /** Whether bytes that are written after {@link add} are read. */
  static tried(): boolean {
    using memory = mapAnonymous(1)
    memory.bytes[0] = 1
    using watched = WatchedBytes.#open()
    if (watched?.add(memory.address, 1) !== true) return false
    memory.bytes[0] = 2
    return watched.read()?.[0] === 2
  }

  /** Watches bytes of one page, which is mapped; false if it cannot. */
  add(address: bigint, length: number): boolean {
    iovec[0] = address
    iovec[1] = BigInt(length)
    const put = (): number => vmsplice(this.#pieces.writeEnd, iovecBytes, 1, SPLICE_F_NONBLOCK)
    let result = put()
    if (result === -ERRNO.EAGAIN && this.#grow()) result = put()
    if (result !== length) return false
    this.#length += length
    return true
  }

  /** What they are now, in the order in which they were added; undefined if they cannot be read. */
  read(): Buffer | undefined {
    if (this.#length === 0) return Buffer.alloc(0)
    const copied = tee(this.#pieces.readEnd, this.#copies.writeEnd, this.#length, SPLICE_F_NONBLOCK)
    if (copied <= 0) return undefined
    const bytes = Buffer.alloc(copied)
    readSync(this.#copies.readEnd, bytes)
    return copied === this.#length ? bytes : undefined
  }

  #grow(): boolean {
    const size = 2 * sizeOf(this.#pieces)
    return hasSize(this.#pieces, size) && hasSize(this.#copies, size)
  }

  [Symbol.dispose](): void {
    closeFd(this.#pieces.readEnd)
    closeFd(this.#pieces.writeEnd)
  }
}

const pipe = (): Pipe | undefined => {
  const made = createPipe()
  return typeof made === 'number' ? undefined : made
}

let shown: boolean | undefined
const showsChanges = (): boolean => (shown ??= WatchedBytes.tried())
