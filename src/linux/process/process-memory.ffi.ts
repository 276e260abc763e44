import { addressOf } from '../ioctl.ffi.ts'
import { bindSystemCall } from '../libc.ffi.ts'

const PARAMETERS = 'int tid, void *local, unsigned long n, void *remote, unsigned long m, unsigned long flags'
const processVmReadv = bindSystemCall(`long process_vm_readv(${PARAMETERS})`)
const processVmWritev = bindSystemCall(`long process_vm_writev(${PARAMETERS})`)

// struct iovec {base, length}, each of a word: writev(2).
const localWords = new BigUint64Array(2)
const remoteWords = new BigUint64Array(2)
const local = Buffer.from(localWords.buffer)
const remote = Buffer.from(remoteWords.buffer)

const aim = (bytes: Buffer, address: bigint): void => {
  localWords[0] = addressOf(bytes)
  localWords[1] = BigInt(bytes.length)
  remoteWords[0] = address
  remoteWords[1] = BigInt(bytes.length)
}

/** Fills `into` from another process's memory. Returns the number of bytes read, which may be fewer, or -errno. */
export const readProcessMemory = (tid: number, address: bigint, into: Buffer): number => {
  aim(into, address)
  return processVmReadv(tid, local, 1, remote, 1, 0)
}

/** Writes `from` to another process's memory, where that is writable. The number of bytes written, or -errno. */
export const writeProcessMemory = (tid: number, address: bigint, from: Buffer): number => {
  aim(from, address)
  return processVmWritev(tid, local, 1, remote, 1, 0)
}
