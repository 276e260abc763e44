import { ioctlRequest } from './ioctl-request.ts'

// include/uapi/linux/seccomp.h, Linux 6.12.
const SECCOMP_IOC_MAGIC = 0x21

export const SECCOMP_SET_MODE_FILTER = 1
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8

/** The call is not made and returns -errno, of the low 16 bits. */
export const SECCOMP_RET_ERRNO = 0x0005_0000
export const SECCOMP_RET_USER_NOTIF = 0x7fc0_0000
export const SECCOMP_RET_ALLOW = 0x7fff_0000

/** struct seccomp_data {int nr; u32 arch; u64 instruction_pointer; u64 args[6]}. */
export const SECCOMP_DATA = { size: 64, nr: 0, arch: 4, args: 16 } as const

/** struct seccomp_notif {u64 id; u32 pid; u32 flags; struct seccomp_data data}. */
export const SECCOMP_NOTIF = { size: 80, id: 0, pid: 8, nr: 16, arch: 20, args: 32 } as const

/** struct seccomp_notif_resp {u64 id; s64 val; s32 error; u32 flags}. */
export const SECCOMP_NOTIF_RESP = { size: 24, id: 0, val: 8, error: 16, flags: 20 } as const
export const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1

/** struct seccomp_notif_addfd {u64 id; u32 flags; u32 srcfd; u32 newfd; u32 newfd_flags}. */
export const SECCOMP_NOTIF_ADDFD = { size: 24, id: 0, srcfd: 12, newfdFlags: 20 } as const

export const SECCOMP_IOCTL_NOTIF_RECV = ioctlRequest('readwrite', SECCOMP_IOC_MAGIC, 0, SECCOMP_NOTIF.size)
export const SECCOMP_IOCTL_NOTIF_SEND = ioctlRequest(
  'readwrite',
  SECCOMP_IOC_MAGIC,
  1,
  SECCOMP_NOTIF_RESP.size,
)
export const SECCOMP_IOCTL_NOTIF_ID_VALID = ioctlRequest('write', SECCOMP_IOC_MAGIC, 2, 8)

export const SECCOMP_IOCTL_NOTIF_ADDFD = ioctlRequest('write', SECCOMP_IOC_MAGIC, 3, SECCOMP_NOTIF_ADDFD.size)

/**
 * Every request of a listener: type '!' and numbers 0x00 to 0x1f are seccomp's alone (Documentation/userspace-api/ioctl/ioctl-number.rst).
 * Direction and size do not tell: the kernel takes SECCOMP_IOCTL_NOTIF_ADDFD with any (EA_IOCTL, kernel/seccomp.c, 6.12).
 */
export const SECCOMP_REQUESTS = { mask: 0xffe0n, value: BigInt(SECCOMP_IOC_MAGIC) << 8n } as const
