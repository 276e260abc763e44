import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { KVM_ARM_VCPU_FINALIZE, KVM_ARM_VCPU_INIT, KVM_VCPU_INIT } from '../../linux/abi/kvm.ts'
import { KVM_VCPU_INIT_BITS } from '../../linux/abi/kvm-numbers.generated.ts'
import { negativeErrno } from '../../linux/errno.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import { forbiddenFeatures, requestedFeatures, requestsSve } from '../decide/requested-features.ts'
import { ask, begin, note, type Script } from './action.ts'
import { levelVcpu } from './level-vcpu.ts'
import { takeRegisterList, type VcpuCall } from './register-list.ts'
import { ScratchPages } from './scratch-pages.ts'
import { VcpuAccess } from './vcpu-access.ts'

const EINVAL = negativeErrno('EINVAL')
const EFAULT = negativeErrno('EFAULT')

/** The call as the VMM made it. */
function* asItIs(request: number, { fd, argument }: VcpuCall): Script<bigint> {
  const args = [fd, request, argument]
  return yield* ask({ do: 'call', number: AARCH64_SYSCALLS.ioctl, args, notified: true })
}

type InitCall = { readonly fd: number; readonly init: Buffer; readonly bits: readonly number[] }

function* initAndLevel(policy: LaunchPolicy, pages: ScratchPages, call: InitCall): Script<bigint> {
  const { fd, init, bits } = call
  // A copy of ours: what was looked at is what KVM gets.
  if (!(yield* pages.write(0, init))) return EINVAL
  yield* begin('KVM_ARM_VCPU_INIT')
  const result = yield* asItIs(KVM_ARM_VCPU_INIT, { fd, argument: pages.address })
  if (result !== 0n) return result
  yield* begin('level registers')
  const { writes, findings, vmWide } = yield* levelVcpu(new VcpuAccess(pages, fd), policy, requestsSve(bits))
  const failed = findings.length > 0 && policy.enforcement === 'Strict'
  yield* note({ kind: 'vcpu', fd, writes, levelled: !failed, vmWide })
  yield* note({ kind: 'findings', findings, failed })
  if (failed) return EINVAL
  if (policy.excludedRegisters.size > 0) yield* takeRegisterList(policy, pages, fd)
  return result
}

/** KVM_ARM_VCPU_INIT, and the levelling of its vCPU: the call's result. */
export function* initVcpu(policy: LaunchPolicy, call: VcpuCall, traps: boolean): Script<bigint> {
  const init = yield* ask({ do: 'read', address: call.argument, length: KVM_VCPU_INIT.size })
  // KVM could not read it either; where it could by then, it would make a vCPU that is not levelled.
  if (init === undefined) return EFAULT
  const strict = policy.enforcement === 'Strict'
  const bits = requestedFeatures(init)
  const forbidden = forbiddenFeatures(policy, bits)
  yield* note({ kind: 'findings', findings: forbidden, failed: strict && forbidden.length > 0 })
  if (forbidden.length > 0 && strict) return EINVAL
  yield* begin('map scratch pages')
  const pages = yield* ScratchPages.map(traps)
  if (pages === undefined) {
    const findings = [refusal({ reason: 'ScratchRefused' })]
    yield* note({ kind: 'findings', findings, failed: strict })
    return strict ? EINVAL : yield* asItIs(KVM_ARM_VCPU_INIT, call)
  }
  const result = yield* initAndLevel(policy, pages, { fd: call.fd, init, bits })
  yield* begin('unmap scratch pages')
  yield* pages.unmap()
  return result
}

/** KVM_ARM_VCPU_FINALIZE of a vCPU with SVE, whose register list can be had from then on: the call's result. */
export function* finalizeVcpu(policy: LaunchPolicy, call: VcpuCall, traps: boolean): Script<bigint> {
  yield* begin('KVM_ARM_VCPU_FINALIZE')
  const result = yield* asItIs(KVM_ARM_VCPU_FINALIZE, call)
  if (result !== 0n) return result
  const pages = yield* ScratchPages.map(traps)
  if (pages === undefined) return result
  yield* takeRegisterList(policy, pages, call.fd)
  yield* pages.unmap()
  return result
}

/**
 * KVM_ARM_VCPU_FINALIZE of a vCPU without SVE. KVM fails it with EINVAL (`kvm_arm_vcpu_finalize`, arch/arm64/kvm/reset.c, 6.18), which
 * a VMM that looks at the host's CPU, and not at KVM's capability, does not expect. Returns the result for the record.
 */
export function* finalizeWithoutSve({ argument }: VcpuCall): Script<string> {
  yield* begin('answer')
  const feature = yield* ask({ do: 'read', address: argument, length: 4 })
  const isSve = feature?.readInt32LE() === KVM_VCPU_INIT_BITS.KVM_ARM_VCPU_SVE
  yield* ask(isSve ? { do: 'answer', value: 0n } : { do: 'resume' })
  return isSve ? 'returns 0' : 'goes on'
}
