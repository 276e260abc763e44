import { bindSystemCall } from '../libc.ffi.ts'

const EFD_CLOEXEC = 0o2000000
const EFD_NONBLOCK = 0o4000
const eventfd: (count: number, flags: number) => number = bindSystemCall(
  'int eventfd(unsigned int count, int flags)',
)

/** eventfd(2): an fd that is readable once 8 bytes with a number over 0 were written to it; close-on-exec. Or -errno. */
export const createEventFd = (): number => eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)
