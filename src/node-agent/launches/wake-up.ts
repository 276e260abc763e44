import { readSync, writeSync } from 'node:fs'
import { errnoName } from '../../linux/errno.ts'
import { closeFd } from '../../linux/process/close.ffi.ts'
import { createEventFd } from '../../linux/process/eventfd.ffi.ts'

/** An fd by which this thread wakes the one that waits for it to be readable. Owns it. */
export class WakeUp {
  readonly fd: number
  readonly #one = Buffer.from(new BigUint64Array([1n]).buffer)

  /** Throws if there are too many open files. */
  constructor() {
    this.fd = createEventFd()
    if (this.fd < 0) throw new Error(`eventfd: ${errnoName(-this.fd)}`)
  }

  wake(): void {
    writeSync(this.fd, this.#one)
  }

  /** After a wake: makes it unreadable. */
  clear(): void {
    readSync(this.fd, Buffer.alloc(this.#one.length))
  }

  [Symbol.dispose](): void {
    closeFd(this.fd)
  }
}
