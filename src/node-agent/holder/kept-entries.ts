import { pollAll } from '../../linux/process/poll.ffi.ts'
import { closeFd } from '../../linux/process/close.ffi.ts'
import { sendMessage } from '../../linux/process/message.ffi.ts'
import { adoptMessage, adoptSocketsMessage, MOST_ADOPTED } from './holder-message.ts'

/** The fds of an entry: a duplicate of its listener, and the file that has the container's state. */
type KeptEntry = { readonly listener: number; readonly state: number }

/** What an agent keeps of a holder, to give it to the next one if the holder is killed. Owns its fds. */
export class KeptEntries {
  readonly #entries = new Map<bigint, KeptEntry>()
  #sockets: readonly number[] = []

  /** Whether there was a holder that gave something. */
  get isServing(): boolean {
    return this.#sockets.length > 0
  }

  has(id: bigint): boolean {
    return this.#entries.has(id)
  }

  add(id: bigint, entry: KeptEntry): void {
    this.#entries.set(id, entry)
  }

  /** The sockets at which the holder listens for runtimes, in place of those of a holder before. */
  setSockets(sockets: readonly number[]): void {
    for (const fd of this.#sockets) closeFd(fd)
    this.#sockets = sockets
  }

  forget(id: bigint): void {
    const entry = this.#entries.get(id)
    this.#entries.delete(id)
    if (entry === undefined) return
    closeFd(entry.listener)
    closeFd(entry.state)
  }

  /** Gives everything to the holder at the other end of a new connection. 0, or -errno. */
  giveTo(connection: number): number {
    this.#forgetEnded()
    const messages: (readonly [Buffer, readonly number[]])[] = [[adoptSocketsMessage(), this.#sockets]]
    const entries = [...this.#entries]
    for (let at = 0; at < entries.length; at += MOST_ADOPTED) {
      const some = entries.slice(at, at + MOST_ADOPTED)
      const fds = some.flatMap(([, { listener, state }]) => [listener, state])
      messages.push([adoptMessage(some.map(([id]) => id)), fds])
    }
    for (const [bytes, fds] of messages) {
      const result = sendMessage(connection, bytes, fds)
      if (result < 0) return result
    }
    return 0
  }

  /** Those whose last process has ended. */
  #forgetEnded(): void {
    const entries = [...this.#entries]
    const readiness = pollAll(
      entries.map(([, { listener }]) => listener),
      0,
    )
    entries.forEach(([id], index) => {
      if (readiness[index] === 'closed') this.forget(id)
    })
  }

  [Symbol.dispose](): void {
    for (const id of [...this.#entries.keys()]) this.forget(id)
    this.setSockets([])
  }
}
