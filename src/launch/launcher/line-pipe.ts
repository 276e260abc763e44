import { readSync, writeSync } from 'node:fs'
import { pollReadable } from '../../linux/process/poll.ffi.ts'

/** Sends one message, a line of JSON. False if nobody reads any more. */
export const sendLine = (fd: number, message: unknown): boolean => {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`)
  try {
    let sent = 0
    while (sent < bytes.length) sent += writeSync(fd, bytes, sent)
    return true
  } catch {
    // EPIPE: the other side has ended, and says why itself if it can.
    return false
  }
}

/** Receives lines of JSON from a pipe, blocking this thread. */
export class LineReader {
  readonly #fd: number
  #rest = ''

  constructor(fd: number) {
    this.#fd = fd
  }

  /** The next message; undefined if the other side has gone, or has said nothing for `timeout` ms (-1: forever). */
  receive(timeout: number): unknown {
    const chunk = Buffer.alloc(65536)
    for (;;) {
      const end = this.#rest.indexOf('\n')
      if (end >= 0) {
        const line = this.#rest.slice(0, end)
        this.#rest = this.#rest.slice(end + 1)
        return JSON.parse(line)
      }
      if (pollReadable(this.#fd, timeout) === 'timeout') return undefined
      const length = readSync(this.#fd, chunk)
      if (length === 0) return undefined
      this.#rest += chunk.toString('utf8', 0, length)
    }
  }
}
