import koffi from 'koffi'

// ioctl is variadic in C; on arm64 and x86-64 Linux an integer or pointer travels in the same register either way.
const libc = koffi.load(null)
const withBuffer = libc.func('int ioctl(int fd, unsigned long request, void *argument)') as unknown as (
  fd: number,
  request: number,
  argument: Uint8Array,
) => number
const withInteger = libc.func('ioctl', 'int', ['int', 'unsigned long', 'uintptr_t']) as unknown as (
  fd: number,
  request: number,
  argument: number | bigint,
) => number

/** The result of a system call, or its errno if it failed. */
export type IoctlResult =
  { readonly result: number; readonly errno: 0 } | { readonly result: -1; readonly errno: number }

/**
 * ioctl(2). `argument` is passed as it is when it is an integer, by its address when it is a buffer; the kernel may write
 * to the buffer. Blocks this thread. Never throws for an errno.
 */
export const ioctl = (
  fd: number,
  request: number,
  argument: Uint8Array | number | bigint = 0,
): IoctlResult => {
  const result =
    typeof argument === 'object' ? withBuffer(fd, request, argument) : withInteger(fd, request, argument)
  return result >= 0 ? { result, errno: 0 } : { result: -1, errno: koffi.errno() }
}

/** The address of a buffer's first byte. Valid as long as the buffer lives: keep a reference to it over the call. */
export const addressOf = (buffer: Uint8Array): bigint => koffi.address(buffer)
