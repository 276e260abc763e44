import { ERRNO } from '../../src/linux/abi/errno.ts'
import { closeFd } from '../../src/linux/process/close.ffi.ts'
import { receiveMessage, sendMessage } from '../../src/linux/process/message.ffi.ts'
import { sleepMicroseconds } from '../../src/linux/process/sleep.ffi.ts'
import { connectUnixSocket } from '../../src/linux/process/unix-socket.ffi.ts'

/** A container runtime's connection to a holder, which says what it is told to say, piece by piece. */
export class RuntimeConnection {
  readonly #fd: number

  constructor(socket: string) {
    this.#fd = connectUnixSocket(socket)
    if (this.#fd < 0) throw new Error(`connect: ${this.#fd}`)
  }

  /** Waits while the socket is full, as a runtime does. */
  say(text: string | Buffer, fds: readonly number[] = []): this {
    const bytes = Buffer.from(text)
    let sent = -ERRNO.EAGAIN
    while (sent === -ERRNO.EAGAIN) {
      sent = sendMessage(this.#fd, bytes, fds)
      if (sent === -ERRNO.EAGAIN) sleepMicroseconds(1000)
    }
    if (sent !== bytes.length) throw new Error(`sendmsg: ${sent} of ${bytes.length}`)
    return this
  }

  /** Whether the holder has closed it. */
  get isClosed(): boolean {
    const received = receiveMessage(this.#fd, 1)
    return received !== -ERRNO.EAGAIN
  }

  close(): void {
    closeFd(this.#fd)
  }
}
