/** Which way an ioctl's argument goes, as user space sees it. */
export type IoctlDirection = 'none' | 'write' | 'read' | 'readwrite'

const DIRECTION_BITS: Record<IoctlDirection, number> = { none: 0, write: 1, read: 2, readwrite: 3 }

/**
 * The number of an ioctl request: _IO, _IOW, _IOR and _IOWR of include/uapi/asm-generic/ioctl.h, which arm64 and
 * x86-64 both use. `size` is that of the argument in bytes. The kernel takes 32 bits of what it is given.
 */
export const ioctlRequest = (direction: IoctlDirection, type: number, nr: number, size = 0): number =>
  ((DIRECTION_BITS[direction] << 30) | (size << 16) | (type << 8) | nr) >>> 0
