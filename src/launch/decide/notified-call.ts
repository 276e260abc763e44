import { AARCH64_SYSCALLS, AUDIT_ARCH_AARCH64 } from '../../linux/abi/aarch64-syscalls.ts'
import {
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
  | { readonly kind: 'get-reg-list'; readonly fd: number; readonly argument: bigint }
  | { readonly kind: 'other' }

/** Reads a notification. The kernel takes fd and request of an ioctl as 32 bits: fs/ioctl.c, SYSCALL_DEFINE3(ioctl). */
export const notifiedCall = ({ syscall, arch, args }: Omit<Notification, 'id' | 'tid'>): NotifiedCall => {
  if (syscall !== AARCH64_SYSCALLS.ioctl || arch !== AUDIT_ARCH_AARCH64) return { kind: 'other' }
  const [file = 0n, request = 0n, argument = 0n] = args
  const fd = Number(BigInt.asIntN(32, file))
  switch (Number(BigInt.asUintN(32, request))) {
    case KVM_CREATE_VM:
      return { kind: 'create-vm' }
    case KVM_CHECK_EXTENSION:
      return { kind: 'check-extension', capability: Number(BigInt.asUintN(32, argument)) }
    case KVM_ARM_VCPU_INIT:
      return { kind: 'vcpu-init', fd, argument }
    case KVM_GET_REG_LIST:
      return { kind: 'get-reg-list', fd, argument }
    default:
      return { kind: 'other' }
  }
}
