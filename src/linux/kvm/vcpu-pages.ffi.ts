import koffi from 'koffi'
import { KVM_COALESCED_MMIO_PAGE_OFFSET } from '../abi/kvm.ts'
import { SystemCallError } from '../errno.ts'
import type { WatchedBytes } from '../process/watched-bytes.ffi.ts'
import { mapShared, unmap } from './mapped-memory.ffi.ts'

const libc = koffi.load(null)
const SC_PAGESIZE = 30
const PAGE = (libc.func('long sysconf(int name)') as unknown as (name: number) => number)(SC_PAGESIZE)
const copyOut = libc.func('void *memcpy(void *to, uintptr_t from, size_t n)') as unknown as (
  to: Buffer,
  from: bigint,
  length: number,
) => void
const copyIn = libc.func('memcpy', 'void *', ['uintptr_t', 'void *', 'size_t']) as unknown as (
  to: bigint,
  from: Buffer,
  length: number,
) => void

/** Where something is in the pages of a vCPU. */
export type PageOffset = { readonly page: 'run' | 'ring'; readonly offset: number }

/** The last bytes of the ring of coalesced MMIO, which no entry reaches: 4, 16 and 64 KiB are each 8 more than a multiple of 24 bytes. */
export const ringTail = (length: number): PageOffset => ({ page: 'ring', offset: PAGE - length })

/**
 * The first pages of a vCPU's file: its struct kvm_run, and the ring of coalesced MMIO, which all vCPUs of a VM have in common
 * (kvm_vcpu_fault, virt/kvm/kvm_main.c, 6.12). KVM lets any process that has the file map them.
 */
export class VcpuPages {
  readonly #address: bigint

  /** Throws SystemCallError. */
  constructor(fd: number) {
    const address = mapShared(fd, PAGE * (KVM_COALESCED_MMIO_PAGE_OFFSET + 1))
    if (typeof address === 'number') throw new SystemCallError('mmap', -address)
    this.#address = address
  }

  #at({ page, offset }: PageOffset): bigint {
    return this.#address + BigInt((page === 'ring' ? KVM_COALESCED_MMIO_PAGE_OFFSET * PAGE : 0) + offset)
  }

  read(from: PageOffset, length: number): Buffer {
    const into = Buffer.alloc(length)
    copyOut(into, this.#at(from), length)
    return into
  }

  write(to: PageOffset, bytes: Buffer): void {
    copyIn(this.#at(to), bytes, bytes.length)
  }

  /** Watches bytes of a page for longer than they are mapped; false if it cannot. */
  watch(at: PageOffset, length: number, watched: Pick<WatchedBytes, 'add'>): boolean {
    return watched.add(this.#at(at), length)
  }

  [Symbol.dispose](): void {
    unmap(this.#address, PAGE * (KVM_COALESCED_MMIO_PAGE_OFFSET + 1))
  }
}
