import { readlinkSync } from 'node:fs'
import { KVM_RUN_LAYOUT } from '../abi/kvm.ts'
import { closeFd } from '../process/close.ffi.ts'
import { fileSignal, setFileSignal } from '../process/file-owner.ffi.ts'
import type { WatchedBytes } from '../process/watched-bytes.ffi.ts'
import { ringTail, VcpuPages } from './vcpu-pages.ffi.ts'

const LINK = 'anon_inode:kvm-vcpu'

/** Whether what /proc says of an fd is a vCPU: `anon_inode:kvm-vcpu:0`, create_vcpu_fd, virt/kvm/kvm_main.c (6.12). */
export const isVcpuLink = (link: string): boolean => link.startsWith(LINK)

/** What run->flags is set to: KVM sets it to 0 before each entry into the guest (kvm_arch_vcpu_ioctl_run, 6.12). */
const CANARY = 0x5ca0
/** Whether all bytes that {@link VcpuFile.watchCanary} has had watched are canaries. */
export const areCanaries = (bytes: Buffer): boolean => {
  for (let at = 0; at < bytes.length; at += 2) if (bytes.readUInt16LE(at) !== CANARY) return false
  return true
}
const FLAGS = { page: 'run', offset: KVM_RUN_LAYOUT.flags } as const
const EXIT_REASON = { page: 'run', offset: KVM_RUN_LAYOUT.exitReason } as const
const LABEL = ringTail(8)
const PROOF = ringTail(4)

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/**
 * A duplicate of a vCPU's file of another process, and what can be seen and left there from outside. Owns its fd. It must live shortly:
 * a last reference of ours would take the VM down in our thread.
 */
export class VcpuFile {
  #fd: number | undefined
  #pages: VcpuPages | undefined
  #number = 0

  private constructor(fd: number) {
    this.#fd = fd
  }

  /** Takes an fd of ours, or closes it where it is no vCPU: undefined. */
  static own(fd: number): VcpuFile | undefined {
    if (isVcpuLink(readlinkSync(`/proc/self/fd/${fd}`))) return new VcpuFile(fd)
    closeFd(fd)
    return undefined
  }

  /** Lets go of the fd: a process has few of them. Its number is then as it was. Throws SystemCallError if it cannot be mapped. */
  keepPagesOnly(): void {
    const fd = this.#open
    this.#number = fileSignal(fd)
    this.#pages ??= new VcpuPages(fd)
    closeFd(fd)
    this.#fd = undefined
  }

  get #open(): number {
    if (this.#fd === undefined) throw new Error('this vCPU file is closed')
    return this.#fd
  }

  get #mapped(): VcpuPages {
    return (this.#pages ??= new VcpuPages(this.#open))
  }

  /** The number that every duplicate of the file has; 0 on a file that nobody has marked. */
  get number(): number {
    return this.#fd === undefined ? this.#number : fileSignal(this.#fd)
  }

  set number(value: number) {
    setFileSignal(this.#open, value)
  }

  /** Whether it has not been in the guest since {@link setCanary}. */
  get hasCanary(): boolean {
    return this.#mapped.read(FLAGS, 2).readUInt16LE() === CANARY
  }

  setCanary(): void {
    this.#mapped.write(FLAGS, word(CANARY).subarray(0, 2))
  }

  /** Has its canary watched for longer than this file is held; false if it cannot be. */
  watchCanary(watched: Pick<WatchedBytes, 'add'>): boolean {
    return this.#mapped.watch(FLAGS, 2, watched)
  }

  /** Why it last left the guest: 0 until it has for the first time. */
  get exitReason(): number {
    return this.#mapped.read(EXIT_REASON, 4).readUInt32LE()
  }

  /** The number that all vCPUs of its VM have; 0 where nobody has set one. */
  get label(): number {
    return this.#mapped.read(LABEL, 4).readUInt32LE()
  }

  set label(value: number) {
    this.#mapped.write(LABEL, word(value))
  }

  /** A second number of the VM, by which two vCPUs prove that they are of one. */
  get proof(): number {
    return this.#mapped.read(PROOF, 4).readUInt32LE()
  }

  set proof(value: number) {
    this.#mapped.write(PROOF, word(value))
  }

  [Symbol.dispose](): void {
    this.#pages?.[Symbol.dispose]()
    if (this.#fd !== undefined) closeFd(this.#fd)
    this.#fd = undefined
  }
}
