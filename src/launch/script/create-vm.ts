import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { KVM_ENABLE_CAP, KVM_ENABLE_CAP_LAYOUT } from '../../linux/abi/kvm.ts'
import { KVM_CAPABILITIES } from '../../linux/abi/kvm-numbers.generated.ts'
import { errnoName } from '../../linux/errno.ts'
import { ask, begin, note, type Script } from './action.ts'
import { ScratchPages } from './scratch-pages.ts'

function* enableImplementationId(vm: bigint, traps: boolean): Script<void> {
  const pages = yield* ScratchPages.map(traps)
  if (pages === undefined) return
  const cap = Buffer.alloc(KVM_ENABLE_CAP_LAYOUT.size)
  cap.writeUInt32LE(KVM_CAPABILITIES.KVM_CAP_ARM_WRITABLE_IMP_ID_REGS, KVM_ENABLE_CAP_LAYOUT.cap)
  yield* pages.write(0, cap)
  const args = [vm, KVM_ENABLE_CAP, pages.address]
  const result = yield* ask({ do: 'call', number: AARCH64_SYSCALLS.ioctl, args })
  yield* pages.unmap()
  // Where it failed (before Linux 6.15) the registers keep the host's values, and a foreign one is refused at INIT by name.
  yield* note({
    kind: 'call',
    call: 'KVM_ENABLE_CAP(KVM_CAP_ARM_WRITABLE_IMP_ID_REGS)',
    answer: result < 0n ? `fails with ${errnoName(Number(-result))}` : 'injected',
  })
}

/** KVM_CREATE_VM, and what makes its implementation ID writable, before any vCPU: the call's result. */
export function* createVm(args: readonly bigint[], traps: boolean): Script<bigint> {
  yield* note({ kind: 'vm' })
  yield* begin('KVM_CREATE_VM')
  const vm = yield* ask({ do: 'call', number: AARCH64_SYSCALLS.ioctl, args, notified: true })
  if (vm < 0n) return vm
  yield* begin('enable implementation ID')
  yield* enableImplementationId(vm, traps)
  return vm
}
