import { fstatSync, readSync } from 'node:fs'
import { ERRNO } from '../../linux/abi/errno.ts'
import { errnoName } from '../../linux/errno.ts'
import { closeFd } from '../../linux/process/close.ffi.ts'
import { duplicateFd } from '../../linux/process/duplicate-fd.ffi.ts'
import { receiveMessage, sendMessage, type ReceivedMessage } from '../../linux/process/message.ffi.ts'
import { connectPacketSocket } from '../../linux/process/unix-socket.ffi.ts'
import type { Notification } from '../../linux/seccomp/notification-listener.ffi.ts'
import { helloMessage, HOLDER_PROTOCOL, LONGEST_MESSAGE, readHolderMessage } from './holder-message.ts'
import { KeptEntries } from './kept-entries.ts'

/** What the holder has told. */
export type HolderEvent =
  /**
   * A container runtime has sent a listener. `listener` is its fd, which is the caller's to close. `state`: the bytes that came with it,
   * which should be the JSON of the OCI container process state, and may be anything, or cut off at a mebibyte. `id` stays the same for
   * every agent and over every change of holder.
   */
  | { readonly kind: 'entry'; readonly id: bigint; readonly listener: number; readonly state: Buffer }
  /** A call of an entry that was told before: the holder took it from the listener while no agent was there. It may be gone by now. */
  | { readonly kind: 'received'; readonly id: bigint; readonly notification: Notification }
  /** All entries have been told that there were when this agent's turn came. */
  | { readonly kind: 'complete' }
  /** Another agent waits. Finish the calls that are being served, take no new ones, and {@link HolderConnection.leave}. */
  | { readonly kind: 'newcomer' }
  /** There is no connection any more: `reason` says why, and connect again. The entries go on meanwhile. */
  | { readonly kind: 'closed'; readonly reason: string }

/**
 * An agent's connection to the holder of its node. It may be connected again and again: each entry is told once, and what a dead holder
 * left is given to the next one. An agent that waits for its predecessor to leave is told nothing. Never waits.
 */
export class HolderConnection {
  readonly #path: string
  readonly #kept = new KeptEntries()
  #fd: number | undefined

  /** `path`: that of the holder's socket for agents. */
  constructor(path: string) {
    this.#path = path
  }

  /** The fd to poll; undefined while there is no connection. */
  get fd(): number | undefined {
    return this.#fd
  }

  /** Connects, if there is no connection. 0, or -errno: ENOENT or ECONNREFUSED if there is no holder. */
  connect(): number {
    if (this.#fd !== undefined) return 0
    const fd = connectPacketSocket(this.#path)
    if (fd < 0) return fd
    const hello = sendMessage(fd, helloMessage(this.#kept.isServing))
    const given = hello >= 0 && this.#kept.isServing ? this.#kept.giveTo(fd) : hello
    if (given < 0) {
      closeFd(fd)
      return given
    }
    this.#fd = fd
    return 0
  }

  /** What the holder has told since. */
  receive(): HolderEvent[] {
    const events: HolderEvent[] = []
    while (this.#fd !== undefined) {
      const received = receiveMessage(this.#fd, LONGEST_MESSAGE)
      if (received === -ERRNO.EAGAIN) break
      // ECONNRESET: the holder has ended without reading all. What it said before comes after this.
      if (received === -ERRNO.EINTR || received === -ERRNO.ECONNRESET) continue
      if (typeof received === 'number') events.push(this.#close(errnoName(-received)))
      else if (received.bytes.length === 0) events.push(this.#close('the holder has ended, or has closed it'))
      else events.push(...this.#read(received))
    }
    return events
  }

  /** The entry's last process has ended: nothing is kept of it any more. Its `listener` is the caller's. */
  forget(id: bigint): void {
    this.#kept.forget(id)
  }

  /** Ends the connection, and keeps nothing: the holder lets the agent go on that waits, or watches by itself. */
  leave(): void {
    if (this.#fd !== undefined) closeFd(this.#fd)
    this.#fd = undefined
    this.#kept[Symbol.dispose]()
  }

  #close(reason: string): HolderEvent {
    if (this.#fd !== undefined) closeFd(this.#fd)
    this.#fd = undefined
    return { kind: 'closed', reason }
  }

  #read({ bytes, fds, isWhole }: ReceivedMessage): HolderEvent[] {
    const message = readHolderMessage(bytes, fds.length, isWhole)
    switch (message.kind) {
      case 'welcome':
        this.#kept.setSockets(fds)
        return []
      case 'entry':
        return this.#keep(message.id, fds)
      case 'refused':
        return [
          this.#close(`it speaks version ${message.version}, and this agent ${HOLDER_PROTOCOL.version}`),
        ]
      case 'garbled':
        for (const fd of fds) closeFd(fd)
        return [this.#close(`the holder sent what it must not: ${message.problem}`)]
      case 'received':
        return this.#kept.has(message.id) ? [message] : []
      case 'complete':
      case 'newcomer':
        return [message]
      default:
        return message satisfies never
    }
  }

  /** An entry that is known came from another holder, or from this one before it was connected again. */
  #keep(id: bigint, [listener = -1, state = -1]: readonly number[]): HolderEvent[] {
    const duplicate = this.#kept.has(id) ? -ERRNO.EEXIST : duplicateFd(listener)
    if (duplicate < 0) {
      closeFd(listener)
      closeFd(state)
      return duplicate === -ERRNO.EEXIST ? [] : [this.#close(`fcntl F_DUPFD: ${errnoName(-duplicate)}`)]
    }
    this.#kept.add(id, { listener: duplicate, state })
    return [{ kind: 'entry', id, listener, state: readWhole(state) }]
  }
}

/** The bytes of a file, wherever its offset is: other processes have the same open file. */
const readWhole = (fd: number): Buffer => {
  const bytes = Buffer.alloc(fstatSync(fd).size)
  let length = 0
  for (let read = -1; read !== 0; length += read)
    read = readSync(fd, bytes, length, bytes.length - length, length)
  return bytes.subarray(0, length)
}
