import { bindSystemCall } from '../libc.ffi.ts'

const MFD_CLOEXEC = 1

const memfdCreate: (name: string, flags: number) => number = bindSystemCall(
  'int memfd_create(const char *name, unsigned int flags)',
)

/** memfd_create(2): an fd of a file that no path leads to, close-on-exec; -errno. It lives as long as someone holds it. */
export const createMemfd = (name: string): number => memfdCreate(name, MFD_CLOEXEC)
