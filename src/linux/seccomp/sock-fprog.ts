import { encodeBpf } from '../abi/bpf.ts'
import type { BpfInstruction } from '../abi/bpf.ts'
import { addressOf } from '../ioctl.ffi.ts'

// struct sock_fprog {u16 len; struct sock_filter *filter}, include/uapi/linux/filter.h.
const SOCK_FPROG = { size: 16, filter: 8 } as const

/**
 * A program as seccomp(2) takes it: struct sock_fprog with the code right behind it, in one buffer. So the code
 * lives as long as the buffer, which the call holds.
 */
export const sockFprog = (program: readonly BpfInstruction[]): Buffer => {
  const bytes = Buffer.concat([Buffer.alloc(SOCK_FPROG.size), encodeBpf(program)])
  bytes.writeUInt16LE(program.length, 0)
  bytes.writeBigUInt64LE(addressOf(bytes) + BigInt(SOCK_FPROG.size), SOCK_FPROG.filter)
  return bytes
}
