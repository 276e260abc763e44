import koffi from 'koffi'
import { SystemCallError } from '../errno.ts'

const libc = koffi.load(null)
const mmap = libc.func('mmap', 'intptr_t', [
  'uintptr_t',
  'size_t',
  'int',
  'int',
  'int',
  'long',
]) as unknown as (...args: [number, number, number, number, number, number]) => number | bigint
const munmap = libc.func('munmap', 'int', ['uintptr_t', 'size_t']) as unknown as (
  address: bigint,
  length: number,
) => number

// include/uapi/asm-generic/mman-common.h
const PROT_READ_WRITE = 3
const MAP_SHARED = 0x01
const MAP_PRIVATE_ANONYMOUS = 0x22

/** Page-aligned memory from mmap(2), unmapped by `using` or `[Symbol.dispose]()`. `bytes` must not be touched after that. */
export class MappedMemory {
  readonly address: bigint
  readonly bytes: Uint8Array
  #mapped = true

  constructor(address: bigint, length: number) {
    this.address = address
    this.bytes = new Uint8Array(koffi.view(address, length))
  }

  [Symbol.dispose](): void {
    if (!this.#mapped) return
    this.#mapped = false
    if (munmap(this.address, this.bytes.length) < 0) throw new SystemCallError('munmap', koffi.errno())
  }
}

/** Where a file was mapped, shared with it, or -errno. */
export const mapShared = (fd: number, length: number): bigint | number => {
  const address = BigInt(mmap(0, length, PROT_READ_WRITE, MAP_SHARED, fd, 0))
  return address === -1n ? -koffi.errno() : address
}

/** munmap(2). 0, or -errno. */
export const unmap = (address: bigint, length: number): number =>
  munmap(address, length) < 0 ? -koffi.errno() : 0

const map = (length: number, flags: number, fd: number): MappedMemory => {
  const address = BigInt(mmap(0, length, PROT_READ_WRITE, flags, fd, 0))
  if (address === -1n) throw new SystemCallError('mmap', koffi.errno())
  return new MappedMemory(address, length)
}

/** The first `length` bytes of a file, shared with it. Throws SystemCallError. */
export const mapFile = (fd: number, length: number): MappedMemory => map(length, MAP_SHARED, fd)

/** `length` bytes of zeros. Throws SystemCallError. */
export const mapAnonymous = (length: number): MappedMemory => map(length, MAP_PRIVATE_ANONYMOUS, -1)
