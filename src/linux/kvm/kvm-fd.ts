import { closeSync } from 'node:fs'
import { SystemCallError } from '../errno.ts'
import { ioctl, type IoctlResult } from '../ioctl.ffi.ts'

/** Owns a file descriptor of KVM and closes it once, by `using` or `[Symbol.dispose]()`. */
export class KvmFd {
  #fd: number | undefined

  constructor(fd: number) {
    this.#fd = fd
  }

  /** The number. Throws if it is closed already: a reused number would be someone else's file. */
  get number(): number {
    if (this.#fd === undefined) throw new Error('this KVM file is closed')
    return this.#fd
  }

  /** An ioctl whose failure is an answer. */
  tryIoctl(request: number, argument?: Uint8Array | number | bigint): IoctlResult {
    return ioctl(this.number, request, argument)
  }

  /** An ioctl that is expected to succeed; its result. Throws SystemCallError, with `name` as the request, about `operand`. */
  ioctl(name: string, request: number, argument?: Uint8Array | number | bigint, operand?: string): number {
    const { result, errno } = this.tryIoctl(request, argument)
    if (result < 0) throw new SystemCallError(`ioctl ${name}`, errno, { operand })
    return result
  }

  [Symbol.dispose](): void {
    if (this.#fd === undefined) return
    closeSync(this.#fd)
    this.#fd = undefined
  }
}
