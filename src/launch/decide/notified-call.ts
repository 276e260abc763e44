import { AARCH64_SYSCALLS, AUDIT_ARCH_AARCH64 } from '../../linux/abi/aarch64-syscalls.ts'
import {
  KVM_ARM_VCPU_FINALIZE,
  KVM_ARM_VCPU_INIT,
  KVM_CHECK_EXTENSION,
  KVM_CREATE_VM,
  KVM_GET_REG_LIST,
} from '../../linux/abi/kvm.ts'
import type { Notification } from '../../linux/seccomp/notification-listener.ffi.ts'

/** A call that the filter notified, read. `argument` is an address in the VMM. */
export type NotifiedCall =
  | { readonly kind: 'create-vm' }
  | { readonly kind: 'check-extension'; readonly capability: number }
  | { readonly kind: 'vcpu-init'; readonly fd: number; readonly argument: bigint }
  | { readonly kind: 'vcpu-finalize'; readonly fd: number; readonly argument: bigint }
  | { readonly kind: 'get-reg-list'; readonly fd: number; readonly argument: bigint }
  | { readonly kind: 'other' }

type VcpuCall = Extract<NotifiedCall, { readonly fd: number }>

const VCPU_CALLS: ReadonlyMap<number, VcpuCall['kind']> = new Map([
  [KVM_ARM_VCPU_INIT, 'vcpu-init'],
  [KVM_ARM_VCPU_FINALIZE, 'vcpu-finalize'],
  [KVM_GET_REG_LIST, 'get-reg-list'],
])

/** Reads a notification. The kernel takes fd and request of an ioctl as 32 bits: fs/ioctl.c, SYSCALL_DEFINE3(ioctl). */
export const notifiedCall = ({ syscall, arch, args }: Omit<Notification, 'id' | 'tid'>): NotifiedCall => {
  if (syscall !== AARCH64_SYSCALLS.ioctl || arch !== AUDIT_ARCH_AARCH64) return { kind: 'other' }
  const [file = 0n, wide = 0n, argument = 0n] = args
  const request = Number(BigInt.asUintN(32, wide))
  const kind = VCPU_CALLS.get(request)
  if (kind !== undefined) return { kind, fd: Number(BigInt.asIntN(32, file)), argument }
  if (request === KVM_CREATE_VM) return { kind: 'create-vm' }
  if (request !== KVM_CHECK_EXTENSION) return { kind: 'other' }
  return { kind: 'check-extension', capability: Number(BigInt.asUintN(32, argument)) }
}
