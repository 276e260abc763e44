import type { Encoding } from '../arm64/register.ts'
import { KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_INIT, KVM_REG_ARM64_PC } from '../linux/abi/kvm.ts'
import { SystemCallError } from '../linux/errno.ts'
import type { InitialisedVcpu } from '../linux/kvm/initialised-vcpu.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { mapAnonymous } from '../linux/kvm/mapped-memory.ffi.ts'
import type { RunningVcpu } from '../linux/kvm/running-vcpu.ts'
import { GUEST_ENTRY, GUEST_MEMORY_SIZE, GUEST_REPORT, writeGuestProgram } from './guest-program.ts'
import { withScratchVm } from './scratch-vm.ts'
import type { VcpuConfiguration } from './vcpu-configuration.ts'

/** What a guest read: the values in the requested order, or why it could not read them. */
export type GuestReading =
  | { readonly kind: 'read'; readonly values: readonly bigint[] }
  | { readonly kind: 'unreadable'; readonly why: string }

const runGuest = (vcpu: RunningVcpu, count: number): GuestReading => {
  const values: bigint[] = []
  while (values.length < count) {
    const exit = vcpu.run()
    const expected = GUEST_REPORT + 8n * BigInt(values.length)
    if (exit.kind !== 'mmio-write') return { kind: 'unreadable', why: `exit reason ${exit.reason}` }
    if (exit.address !== expected)
      return { kind: 'unreadable', why: `register ${values.length} is undefined` }
    values.push(exit.value)
  }
  return { kind: 'read', values }
}

const prepare = (vcpu: InitialisedVcpu, { vcpuFeatures }: VcpuConfiguration): void => {
  if (vcpuFeatures.includes('pmu')) vcpu.setDeviceAttr(KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_INIT)
  const errno = vcpu.setOneReg(KVM_REG_ARM64_PC, GUEST_ENTRY)
  if (errno !== 0) throw new SystemCallError('ioctl KVM_SET_ONE_REG pc', errno)
}

/** Runs a VM with a guest of a few instructions in `configuration`, which reads `registers` as a guest's kernel would. */
export const readAsGuest = (
  kvm: Kvm,
  configuration: VcpuConfiguration,
  registers: readonly Encoding[],
): GuestReading => {
  try {
    using memory = mapAnonymous(GUEST_MEMORY_SIZE)
    writeGuestProgram(memory.bytes, registers)
    return withScratchVm(kvm, configuration, (vcpu, vm) => {
      vm.setUserMemoryRegion({ slot: 0, guestAddress: 0n, memory })
      prepare(vcpu, configuration)
      using running = vcpu.finalize().map()
      return runGuest(running, registers.length)
    })
  } catch (error) {
    if (error instanceof SystemCallError) return { kind: 'unreadable', why: error.message }
    throw error
  }
}
