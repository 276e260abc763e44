import { readSync } from 'node:fs'
import { sendLine } from '../launch/launcher/line-pipe.ts'
import { closeFd } from '../linux/process/close.ffi.ts'

/** More bytes than the order of a launch ever has. */
const LONGEST_LINE = 4 << 20

/** What a connection has sent. */
export type ConnectionEvent =
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'partial' }
  /** The other side has closed the connection, or has sent something other than a message. */
  | { readonly kind: 'over' }

/** The connection to a launcher. It reads lines of JSON as they arrive, and never waits for them. Owns its fd. */
export class LaunchConnection {
  readonly fd: number
  #rest = ''

  constructor(fd: number) {
    this.fd = fd
  }

  /** Reads what has arrived. Call it when poll(2) says that there is something. */
  read(): ConnectionEvent[] {
    const chunk = Buffer.alloc(65536)
    const length = readLength(this.fd, chunk)
    this.#rest += chunk.toString('utf8', 0, length)
    if (length === 0 || this.#rest.length > LONGEST_LINE) return [{ kind: 'over' }]
    const lines = this.#rest.split('\n')
    this.#rest = lines.pop() ?? ''
    return lines.length === 0 ? [{ kind: 'partial' }] : lines.map(messageOf)
  }

  /** False if nobody reads any more. */
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
