import { readSync } from 'node:fs'
import { sendLine } from '../launch/launcher/line-pipe.ts'
import { closeFd } from '../linux/process/close.ffi.ts'

/** More than the order of a launch ever takes. */
const LONGEST_LINE = 4 << 20

/** What came of a connection's bytes. */
export type ConnectionEvent =
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'partial' }
  /** The other side has gone, or sends what is no message. */
  | { readonly kind: 'over' }

/** A launcher at the other end of a socket: lines of JSON, read as they come and never waited for. Owns its fd. */
export class LaunchConnection {
  readonly fd: number
  #rest = ''

  constructor(fd: number) {
    this.fd = fd
  }

  /** Reads what is there; to be called where poll(2) says that something is. */
  read(): ConnectionEvent[] {
    const chunk = Buffer.alloc(65536)
    const length = readLength(this.fd, chunk)
    this.#rest += chunk.toString('utf8', 0, length)
    if (length === 0 || this.#rest.length > LONGEST_LINE) return [{ kind: 'over' }]
    const lines = this.#rest.split('\n')
    this.#rest = lines.pop() ?? ''
    return lines.length === 0 ? [{ kind: 'partial' }] : lines.map(messageOf)
  }

  /** False where nobody reads any more. */
  send(message: unknown): boolean {
    return sendLine(this.fd, message)
  }

  [Symbol.dispose](): void {
    closeFd(this.fd)
  }
}

const readLength = (fd: number, into: Buffer): number => {
  try {
    return readSync(fd, into)
  } catch {
    // ECONNRESET: it has gone.
    return 0
  }
}

const messageOf = (line: string): ConnectionEvent => {
  try {
    return { kind: 'message', message: JSON.parse(line) }
  } catch {
    return { kind: 'over' }
  }
}
