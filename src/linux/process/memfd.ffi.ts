import { bindSystemCall } from '../libc.ffi.ts'

const MFD_CLOEXEC = 1

const memfdCreate: (name: string, flags: number) => number = bindSystemCall(
  'int memfd_create(const char *name, unsigned int flags)',
)

/** memfd_create(2): a close-on-exec fd of a file without a path, or -errno. The file lives as long as a process has it open. */
export const createMemfd = (name: string): number => memfdCreate(name, MFD_CLOEXEC)
