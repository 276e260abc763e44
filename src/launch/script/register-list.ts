import { KVM_REG_LIST } from '../../linux/abi/kvm.ts'
import { negativeErrno } from '../../linux/errno.ts'
import type { CallSituation } from '../decide/call-situation.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import { filterRegisterList, registerListAnswer } from '../decide/register-list.ts'
import { ask, begin, note, type Script } from './action.ts'
import { ScratchPages } from './scratch-pages.ts'
import { VcpuAccess } from './vcpu-access.ts'

/** A call on a vCPU, with an argument in the VMM's memory. */
export type VcpuCall = { readonly fd: number; readonly argument: bigint }

/** Takes a vCPU's register list, without what is excluded; or the errno. */
export function* takeRegisterList(
  policy: LaunchPolicy,
  pages: ScratchPages,
  fd: number,
): Script<readonly bigint[] | number> {
  yield* begin('take register list')
  const taken = yield* new VcpuAccess(pages, fd).registerList()
  return typeof taken === 'number' ? taken : filterRegisterList(taken, policy.excludedRegisters)
}

/** Keeps a register list for the vCPU's VM, where that has a label by which to find it again. */
export function* keepList({ vcpu }: CallSituation, list: readonly bigint[]): Script<void> {
  if (vcpu.kind !== 'vcpu' || vcpu.label === 0) return
  yield* note({ kind: 'vm-kept', label: vcpu.label, list })
  yield* ask({ do: 'save' })
}

/** KVM_GET_REG_LIST of a vCPU whose list was kept: given to the waiting call, whose thread is not stopped. What came of it. */
export function* giveRegisterList({ argument }: VcpuCall, list: readonly bigint[]): Script<string> {
  yield* begin('give the kept register list')
  const room = yield* ask({ do: 'read', address: argument, length: KVM_REG_LIST.reg })
  if (!(yield* ask({ do: 'ask-waiting' }))) return 'was interrupted'
  const { memory, errno } = registerListAnswer(list, room?.readBigUInt64LE() ?? 0n)
  const written = room !== undefined && (yield* ask({ do: 'write', address: argument, bytes: memory }))
  const failed = written ? errno : 'EFAULT'
  if (failed === undefined) yield* note({ kind: 'answered' })
  yield* ask({ do: 'answer', value: failed === undefined ? 0n : negativeErrno(failed) })
  return failed === undefined ? 'returns the kept register list' : `fails with ${failed}`
}

/**
 * KVM_GET_REG_LIST where no list was kept: made, kept, and given without what is excluded. The call's result: where it cannot be had
 * (no INIT yet, SVE not finalised) KVM's own errno. It is never made with the VMM's argument, which would be given all.
 */
export function* getRegisterList(
  policy: LaunchPolicy,
  { fd, argument }: VcpuCall,
  { situation, traps }: { readonly situation: CallSituation; readonly traps: boolean },
): Script<bigint> {
  const pages = yield* ScratchPages.map(traps)
  if (pages === undefined) return negativeErrno('ENOMEM')
  const kept = yield* takeRegisterList(policy, pages, fd)
  yield* pages.unmap()
  if (typeof kept === 'number') return -BigInt(kept)
  yield* keepList(situation, kept)
  const room = yield* ask({ do: 'read', address: argument, length: KVM_REG_LIST.reg })
  if (room === undefined) return negativeErrno('EFAULT')
  const { memory, errno } = registerListAnswer(kept, room.readBigUInt64LE())
  const written = yield* ask({ do: 'write', address: argument, bytes: memory })
  if (!written) return negativeErrno('EFAULT')
  return errno === undefined ? 0n : negativeErrno(errno)
}
