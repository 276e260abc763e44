/** System call numbers of arm64 (include/uapi/asm-generic/unistd.h). */
export const AARCH64_SYSCALLS = {
  ioctl: 29,
  ptrace: 117,
  munmap: 215,
  mmap: 222,
  mprotect: 226,
  kcmp: 272,
  seccomp: 277,
  pidfd_open: 434,
  pidfd_getfd: 438,
} as const

/** AUDIT_ARCH_AARCH64, include/uapi/linux/audit.h: what seccomp_data.arch says of a 64-bit arm64 call. */
export const AUDIT_ARCH_AARCH64 = 0xc000_00b7

/** Whether an instruction is `svc`, with any immediate: Linux does not look at it (Arm ARM C6.2, SVC). */
export const isSvc = (word: number): boolean => (word & 0xffe0_001f) >>> 0 === 0xd400_0001
