import { closeSync, openSync } from 'node:fs'
import { lockNow } from '../../linux/process/flock.ffi.ts'

/** Held by the agent of a node that serves, as long as it does: flock(2) on a file, which the kernel lets go of at the process's end. */
export class ServingLock {
  readonly #path: string
  #fd: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Whether this agent has it now: false as long as another one has it. */
  take(): boolean {
    this.#fd ??= openSync(this.#path, 'a', 0o600)
    return lockNow(this.#fd) === 0
  }

  release(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  /** Whether no agent holds it. */
  get isFree(): boolean {
    const fd = openSync(this.#path, 'a', 0o600)
    const isFree = lockNow(fd) === 0
    closeSync(fd)
    return isFree
  }
}
