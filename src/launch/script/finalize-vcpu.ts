import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { KVM_ARM_VCPU_FINALIZE } from '../../linux/abi/kvm.ts'
import { KVM_VCPU_INIT_BITS } from '../../linux/abi/kvm-numbers.generated.ts'
import type { CallSituation } from '../decide/call-situation.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import { ask, begin, note, type Script } from './action.ts'
import { takeRegisterList, type VcpuCall } from './register-list.ts'
import { ScratchPages } from './scratch-pages.ts'
import { keepList } from './register-list.ts'

/** Whether the argument of KVM_ARM_VCPU_FINALIZE, an int, is the feature SVE. */
function* isOfSve({ argument }: VcpuCall): Script<boolean> {
  const feature = yield* ask({ do: 'read', address: argument, length: 4 })
  return feature?.readInt32LE() === KVM_VCPU_INIT_BITS.KVM_ARM_VCPU_SVE
}

/** KVM_ARM_VCPU_FINALIZE of a vCPU with SVE, whose register list can be had from then on: the call's result. */
export function* finalizeVcpu(
  policy: LaunchPolicy,
  call: VcpuCall,
  { situation, traps }: { readonly situation: CallSituation; readonly traps: boolean },
): Script<bigint> {
  yield* begin('KVM_ARM_VCPU_FINALIZE')
  const args = [call.fd, KVM_ARM_VCPU_FINALIZE, call.argument]
  const result = yield* ask({ do: 'call', number: AARCH64_SYSCALLS.ioctl, args, notified: true })
  if (result !== 0n) return result
  const pages = yield* ScratchPages.map(traps)
  if (pages !== undefined) {
    const list = yield* takeRegisterList(policy, pages, call.fd)
    yield* pages.unmap()
    if (typeof list !== 'number') yield* keepList(situation, list)
  }
  // The lengths last from now on.
  if (situation.vcpu.kind === 'vcpu' && situation.vcpu.state === 'lengths-pending')
    yield* ask({ do: 'mark', state: 'levelled' })
  return result
}

/** KVM_ARM_VCPU_FINALIZE of a vCPU whose vector lengths were written: they last from then on. Returns the result for the record. */
export function* finalizeLengths(call: VcpuCall): Script<string> {
  yield* begin('answer')
  if ((yield* isOfSve(call)) && (yield* ask({ do: 'ask-waiting' })))
    yield* ask({ do: 'mark', state: 'levelled' })
  yield* ask({ do: 'resume' })
  return 'goes on'
}

/**
 * KVM_ARM_VCPU_FINALIZE of a vCPU without SVE. KVM fails it with EINVAL (`kvm_arm_vcpu_finalize`, arch/arm64/kvm/reset.c, 6.18), which
 * a VMM that looks at the host's CPU, and not at KVM's capability, does not expect. Returns the result for the record.
 */
export function* finalizeWithoutSve(call: VcpuCall): Script<string> {
  yield* begin('answer')
  const isSve = yield* isOfSve(call)
  if (isSve) yield* note({ kind: 'answered' })
  yield* ask(isSve ? { do: 'answer', value: 0n } : { do: 'resume' })
  return isSve ? 'returns 0' : 'goes on'
}
