import { constants } from 'node:os'

const nameByNumber = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]))

// Kernel-side numbers that libuv's list may lack: include/uapi/asm-generic/errno.h; seccomp's notifications and KVM use them.
const FURTHER: Readonly<Record<string, number>> = {
  ENOTUNIQ: 76,
  EBADFD: 77,
  EUSERS: 87,
  ENOTRECOVERABLE: 131,
}

/** The name of an errno (`EINVAL`), or `errno 524` where it has none that user space knows. */
export const errnoName = (errno: number): string =>
  nameByNumber.get(errno) ??
  Object.entries(FURTHER).find(([, number]) => number === errno)?.[0] ??
  `errno ${errno}`

/** The number of an errno; undefined where the name is none. */
export const errnoNumber = (name: string): number | undefined =>
  Object.entries(constants.errno).find(([known]) => known === name)?.[1] ?? FURTHER[name]

/** A system call that failed: which, with what errno. `name` of the errno is in `code`, as Node's own errors have it. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError'
  /** The call and, for ioctl, the request: `ioctl KVM_CREATE_VM`. */
  readonly syscall: string
  readonly errno: number
  /** The errno by name: `ENOENT`. */
  readonly code: string

  constructor(syscall: string, errno: number, options?: ErrorOptions) {
    super(`${syscall}: ${errnoName(errno)}`, options)
    this.syscall = syscall
    this.errno = errno
    this.code = errnoName(errno)
  }
}
