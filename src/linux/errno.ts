import { ERRNO, type Errno } from './abi/errno.ts'

const nameByNumber = new Map<number, string>(Object.entries(ERRNO).map(([name, number]) => [number, name]))

/** The name of an error number (`EINVAL`), or `errno 524` if user space has no name for it. */
export const errnoName = (errno: number): string => nameByNumber.get(errno) ?? `errno ${errno}`

/** What a system call returns when it fails with this errno. */
export const negativeErrno = (errno: Errno): bigint => -BigInt(ERRNO[errno])

/** A system call that failed, with its errno. The name of the errno is in `code`, as in Node's own errors. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError'
  /** The call and, for ioctl, the request: `ioctl KVM_CREATE_VM`. */
  readonly syscall: string
  readonly errno: number
  /** The errno by name: `ENOENT`. */
  readonly code: string

  /** `operand`: what the call was about (`KVM_CAP_ARM_MTE`); only the message has it. */
  constructor(
    syscall: string,
    errno: number,
    { operand, ...options }: ErrorOptions & { readonly operand?: string | undefined } = {},
  ) {
    super(`${syscall}${operand === undefined ? '' : ` ${operand}`}: ${errnoName(errno)}`, options)
    this.syscall = syscall
    this.errno = errno
    this.code = errnoName(errno)
  }
}
