import { bindSystemCall } from '../libc.ffi.ts'

const O_CLOEXEC = 0o2000000
const pipe2: (fds: Buffer, flags: number) => number = bindSystemCall('int pipe2(void *fds, int flags)')

/** A pipe whose ends are close-on-exec; -errno. */
export const createPipe = (): { readonly readEnd: number; readonly writeEnd: number } | number => {
  const fds = Buffer.alloc(8)
  const result = pipe2(fds, O_CLOEXEC)
  return result < 0 ? result : { readEnd: fds.readInt32LE(0), writeEnd: fds.readInt32LE(4) }
}
