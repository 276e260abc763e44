import { duplicateOf, type ThreadOfProcess } from '../launch/act/process-tables.ts'
import { stateOfNumber } from '../launch/decide/vcpu-state.ts'
import { VcpuFile } from '../linux/kvm/vcpu-file.ts'
import type { ShownVcpu } from './on-orphan-call.ts'

/**
 * What KVM shows of the vCPU that this fd of a thread is; undefined if it is none, or cannot be looked at. Its file is referenced for
 * that moment only.
 */
export const shownVcpu = (thread: ThreadOfProcess, fd: number): ShownVcpu | undefined => {
  const duplicate = duplicateOf(thread, fd)
  if (duplicate < 0) return undefined
  try {
    using vcpu = VcpuFile.own(duplicate)
    return vcpu && { state: stateOfNumber(vcpu.number), exitReason: vcpu.exitReason }
  } catch {
    return undefined
  }
}
