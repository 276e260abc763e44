import { readlinkSync } from 'node:fs'
import { duplicateOf } from '../launch/act/take-over.ts'
import { KVM_RUN_LAYOUT } from '../linux/abi/kvm.ts'
import { mapFile } from '../linux/kvm/mapped-memory.ffi.ts'
import { closeFd } from '../linux/process/close.ffi.ts'
import type { ShownVcpu } from './on-orphan-call.ts'

/** The begin of struct kvm_run that is looked at; a mapping is of whole pages. */
const LENGTH = 4096

const read = (fd: number): ShownVcpu => {
  using page = mapFile(fd, LENGTH)
  const view = new DataView(page.bytes.buffer, page.bytes.byteOffset, LENGTH)
  return { exitReason: view.getUint32(KVM_RUN_LAYOUT.exitReason, true) }
}

/**
 * What KVM shows of the vCPU that this fd of a process is; undefined if it is none, or cannot be looked at. Its file is referenced for
 * that moment only: kvm_vcpu_mmap asks for no address space (virt/kvm/kvm_main.c).
 */
export const shownVcpu = (pid: number, fd: number): ShownVcpu | undefined => {
  const duplicate = duplicateOf(pid, fd)
  if (duplicate < 0) return undefined
  try {
    const isVcpu = readlinkSync(`/proc/self/fd/${duplicate}`).startsWith('anon_inode:kvm-vcpu')
    return isVcpu ? read(duplicate) : undefined
  } catch {
    return undefined
  } finally {
    closeFd(duplicate)
  }
}
