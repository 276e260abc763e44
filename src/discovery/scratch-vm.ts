import type { InitialisedVcpu } from '../linux/kvm/initialised-vcpu.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import type { Vm } from '../linux/kvm/vm.ts'
import { capabilitiesToEnable, initBitsOf, type VcpuConfiguration } from './vcpu-configuration.ts'

/** KVM's default size of intermediate physical addresses. A host with less refuses a VM without an explicit size. */
const DEFAULT_IPA_BITS = 40

/** The IPA size to ask for on a host whose largest is `ipaBits`: 0 is KVM's default. */
export const scratchIpaBits = (ipaBits: number): number => (ipaBits < DEFAULT_IPA_BITS ? ipaBits : 0)

/** KVM_CAP_ARM_VM_IPA_SIZE, in bits; hosts without the capability have 40. */
export const ipaBitsOf = (kvm: Kvm): number =>
  kvm.checkExtension('KVM_CAP_ARM_VM_IPA_SIZE') || DEFAULT_IPA_BITS

/** A VM of one vCPU after KVM_ARM_VCPU_INIT and before FINALIZE; disposing of it closes both. */
export type ScratchVm = {
  readonly vm: Vm
  readonly vcpu: InitialisedVcpu
} & Disposable

/** Makes a scratch VM in `configuration`. It never runs unless the caller runs it. Throws SystemCallError. */
export const openScratchVm = (kvm: Kvm, configuration: VcpuConfiguration): ScratchVm => {
  using made = new DisposableStack()
  const vm = made.use(kvm.createVm(scratchIpaBits(ipaBitsOf(kvm))))
  for (const capability of capabilitiesToEnable(configuration)) vm.enableCap(capability)
  const vcpu = made
    .use(vm.createVcpu())
    .init({ target: vm.preferredTarget(), features: initBitsOf(configuration) })
  const owned = made.move()
  return {
    vm,
    vcpu,
    [Symbol.dispose]: () => {
      owned.dispose()
    },
  }
}

/** Gives a scratch VM to `use`, and closes it in any case. Throws SystemCallError. */
export const withScratchVm = <T>(
  kvm: Kvm,
  configuration: VcpuConfiguration,
  use: (vcpu: InitialisedVcpu, vm: Vm) => T,
): T => {
  using scratch = openScratchVm(kvm, configuration)
  return use(scratch.vcpu, scratch.vm)
}
