import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import {
  KVM_ARM_VCPU_INIT,
  KVM_CAPABILITIES,
  KVM_ENABLE_CAP,
  KVM_ENABLE_CAP_LAYOUT,
  KVM_GET_REG_LIST,
  KVM_REG_LIST,
  KVM_VCPU_INIT,
} from '../../linux/abi/kvm.ts'
import { errnoName, errnoNumber } from '../../linux/errno.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import type { LaunchRecorder } from '../decide/launch-recorder.ts'
import { refusal } from '../decide/refusal.ts'
import { filterRegisterList, registerListAnswer } from '../decide/register-list.ts'
import { forbiddenFeatures, requestedFeatures, requestsSve } from '../decide/requested-features.ts'
import type { LaunchProcess } from './launch-process.ts'
import { levelVcpu } from './level-vcpu.ts'
import { ScratchPages } from './scratch-pages.ts'
import type { Tracee } from './tracee.ts'
import { VcpuAccess } from './vcpu-access.ts'

/** Everything an intervention works with. `resumeOwn` lets an injected call pass that the filter notifies. */
export type InterventionContext = {
  readonly tracee: Tracee
  readonly process: LaunchProcess
  readonly policy: LaunchPolicy
  readonly recorder: LaunchRecorder
  readonly resumeOwn: () => void
}

const EINVAL = -BigInt(errnoNumber('EINVAL') ?? 22)
const E2BIG = -BigInt(errnoNumber('E2BIG') ?? 7)

const timed = <T>(recorder: LaunchRecorder, step: string, work: () => T): T => {
  const start = performance.now()
  const result = work()
  recorder.addStep(step, (performance.now() - start) * 1000)
  return result
}

const enableImplementationId = ({ tracee, recorder }: InterventionContext, vm: bigint): void => {
  const pages = ScratchPages.map(tracee)
  if (pages === undefined) return
  const cap = Buffer.alloc(KVM_ENABLE_CAP_LAYOUT.size)
  cap.writeUInt32LE(KVM_CAPABILITIES.KVM_CAP_ARM_WRITABLE_IMP_ID_REGS, KVM_ENABLE_CAP_LAYOUT.cap)
  pages.write(0, cap)
  const result = tracee.call(AARCH64_SYSCALLS.ioctl, [vm, KVM_ENABLE_CAP, pages.address])
  pages.unmap()
  // Where it failed (before Linux 6.15) the registers keep the host's values, and a foreign one is refused at INIT by name.
  recorder.addCall(
    'KVM_ENABLE_CAP(KVM_CAP_ARM_WRITABLE_IMP_ID_REGS)',
    result < 0n ? `fails with ${errnoName(Number(-result))}` : 'injected',
  )
}

/** KVM_CREATE_VM, and what must come right after it: the call's result. Throws TraceeLost. */
export const createVm = (context: InterventionContext, args: readonly bigint[]): bigint => {
  const { tracee, policy, recorder } = context
  const vm = timed(recorder, 'KVM_CREATE_VM', () =>
    tracee.call(AARCH64_SYSCALLS.ioctl, args, context.resumeOwn),
  )
  if (vm >= 0n && policy.implementationId) {
    timed(recorder, 'enable implementation ID', () => {
      enableImplementationId(context, vm)
    })
  }
  return vm
}

const keepRegisterList = (
  { process, policy, recorder }: InterventionContext,
  vcpu: VcpuAccess,
  fd: number,
): void => {
  process.registerLists.delete(fd)
  if (policy.excludedRegisters.size === 0) return
  const list = timed(recorder, 'take register list', () => vcpu.registerList())
  if (list !== undefined) process.registerLists.set(fd, filterRegisterList(list, policy.excludedRegisters))
}

const initAndLevel = (context: InterventionContext, pages: ScratchPages, call: InitCall): bigint => {
  const { tracee, policy, recorder, resumeOwn } = context
  const { fd, init, bits } = call
  // A copy of ours: what was looked at is what KVM gets.
  if (!pages.write(0, init)) return EINVAL
  const result = timed(recorder, 'KVM_ARM_VCPU_INIT', () =>
    tracee.call(AARCH64_SYSCALLS.ioctl, [fd, KVM_ARM_VCPU_INIT, pages.address], resumeOwn),
  )
  if (result !== 0n) return result
  const vcpu = new VcpuAccess({ tracee, pages, fd, resumeOwn })
  const { writes, findings } = timed(recorder, 'level registers', () =>
    levelVcpu(vcpu, policy, requestsSve(bits)),
  )
  const failed = findings.length > 0 && policy.enforcement === 'Strict'
  recorder.addVcpu(writes)
  recorder.addFindings(findings, failed)
  if (failed) return EINVAL
  context.process.addLevelledVcpu(fd)
  keepRegisterList(context, vcpu, fd)
  return result
}

type InitCall = { readonly fd: number; readonly init: Buffer; readonly bits: readonly number[] }

/** KVM_ARM_VCPU_INIT, and the levelling of its vCPU: the call's result. Throws TraceeLost. */
export const initVcpu = (context: InterventionContext, fd: number, argument: bigint): bigint => {
  const { tracee, policy, recorder, resumeOwn } = context
  const asItIs = (): bigint =>
    tracee.call(AARCH64_SYSCALLS.ioctl, [fd, KVM_ARM_VCPU_INIT, argument], resumeOwn)
  const init = tracee.read(argument, KVM_VCPU_INIT.size)
  if (init === undefined) return asItIs()
  const bits = requestedFeatures(init)
  const forbidden = forbiddenFeatures(policy, bits)
  const strict = policy.enforcement === 'Strict'
  recorder.addFindings(forbidden, strict && forbidden.length > 0)
  if (forbidden.length > 0 && strict) return EINVAL
  const pages = timed(recorder, 'map scratch pages', () => ScratchPages.map(tracee))
  if (pages === undefined) {
    recorder.addFindings([refusal({ reason: 'ScratchRefused' })], strict)
    return strict ? EINVAL : asItIs()
  }
  const result = initAndLevel(context, pages, { fd, init, bits })
  timed(recorder, 'unmap scratch pages', () => {
    pages.unmap()
  })
  return result
}

/** KVM_GET_REG_LIST where no list was kept: made, kept, and given without what is excluded. Throws TraceeLost. */
export const getRegisterList = (context: InterventionContext, fd: number, argument: bigint): bigint => {
  const { tracee, process, resumeOwn } = context
  const asItIs = (): bigint =>
    tracee.call(AARCH64_SYSCALLS.ioctl, [fd, KVM_GET_REG_LIST, argument], resumeOwn)
  const pages = ScratchPages.map(tracee)
  if (pages === undefined) return EINVAL
  keepRegisterList(context, new VcpuAccess({ tracee, pages, fd, resumeOwn }), fd)
  pages.unmap()
  const kept = process.registerLists.get(fd)
  const room = tracee.read(argument, KVM_REG_LIST.reg)
  // Not to be had (no INIT yet, SVE not finalised) or a bad address: KVM's own errno.
  if (kept === undefined || room === undefined) return asItIs()
  const { memory, errno } = registerListAnswer(kept, room.readBigUInt64LE())
  return tracee.write(argument, memory) && errno === undefined ? 0n : E2BIG
}
