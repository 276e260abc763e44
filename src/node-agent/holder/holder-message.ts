import { SECCOMP_NOTIF } from '../../linux/abi/seccomp.ts'
import type { Notification } from '../../linux/seccomp/notification-listener.ffi.ts'
import { readNotification } from '../../linux/seccomp/read-notification.ts'

/**
 * The messages between the holder and an agent, as the head of src/holder/holder.c has them: {u32 kind; u32 value; u64 id}, little-endian,
 * and what the kind adds. One message is one packet. A holder is hardly ever updated, so an agent may meet an older one: both say their
 * version first.
 */
export const HOLDER_PROTOCOL = {
  version: 1,
  header: 16,
  /** From an agent. `value` of the first two: its version. */
  AGENT: 1,
  SERVING_AGENT: 2,
  ADOPT: 4,
  ADOPT_SOCKETS: 5,
  /** From the holder. `value` of the first two: its version. */
  WELCOME: 16,
  REFUSED: 17,
  ENTRY: 18,
  RECEIVED: 19,
  COMPLETE: 20,
  NEWCOMER: 21,
} as const

/** The most entries of one message ADOPT: each has two fds, and a message 253 at most (SCM_MAX_FD). */
export const MOST_ADOPTED = 64

/** The most bytes of a message. */
export const LONGEST_MESSAGE = HOLDER_PROTOCOL.header + MOST_ADOPTED * 8

/** What a holder says to an agent, without the fds that come with it. `garbled`: it is none of these, and `problem` says what. */
export type HolderMessage =
  /** This agent is the one that serves now. With it come the sockets at which the holder takes connections of container runtimes. */
  | { readonly kind: 'welcome' }
  /** The holder speaks another version. */
  | { readonly kind: 'refused'; readonly version: number }
  /** A listener that a runtime has sent, and the state of the container: two fds, the listener and a file. */
  | { readonly kind: 'entry'; readonly id: bigint }
  /** A call of an entry that the holder took from its listener and has not answered. */
  | { readonly kind: 'received'; readonly id: bigint; readonly notification: Notification }
  /** All entries that there were when this agent came have been told. */
  | { readonly kind: 'complete' }
  /** Another agent waits for this one to finish and close. */
  | { readonly kind: 'newcomer' }
  | { readonly kind: 'garbled'; readonly problem: string }

const garbled = (problem: string): HolderMessage => ({ kind: 'garbled', problem })

/** How many fds must come with a message: at least, and at most. */
const FDS: Readonly<Record<HolderMessage['kind'], readonly [number, number]>> = {
  welcome: [1, 8],
  refused: [0, 0],
  entry: [2, 2],
  received: [0, 0],
  complete: [0, 0],
  newcomer: [0, 0],
  garbled: [0, Infinity],
}

const readPayload = (bytes: Buffer): HolderMessage => {
  const id = bytes.readBigUInt64LE(8)
  const payload = bytes.subarray(HOLDER_PROTOCOL.header)
  const kind = bytes.readUInt32LE(0)
  if (kind !== HOLDER_PROTOCOL.RECEIVED && payload.length > 0) return garbled(`kind ${kind} has a payload`)
  switch (kind) {
    case HOLDER_PROTOCOL.WELCOME:
      return { kind: 'welcome' }
    case HOLDER_PROTOCOL.REFUSED:
      return { kind: 'refused', version: bytes.readUInt32LE(4) }
    case HOLDER_PROTOCOL.ENTRY:
      return { kind: 'entry', id }
    case HOLDER_PROTOCOL.RECEIVED:
      if (payload.length !== SECCOMP_NOTIF.size) return garbled(`a notification of ${payload.length} bytes`)
      return { kind: 'received', id, notification: readNotification(payload) }
    case HOLDER_PROTOCOL.COMPLETE:
      return { kind: 'complete' }
    case HOLDER_PROTOCOL.NEWCOMER:
      return { kind: 'newcomer' }
    default:
      return garbled(`kind ${kind}`)
  }
}

/** Reads a packet as it was received: its bytes, how many fds came with it, and whether nothing of either was cut off. */
export const readHolderMessage = (bytes: Buffer, fds: number, isWhole = true): HolderMessage => {
  if (!isWhole) return garbled('a message was cut off; this process may have too many files open')
  if (bytes.length < HOLDER_PROTOCOL.header) return garbled(`${bytes.length} bytes`)
  const message = readPayload(bytes)
  const [least, most] = FDS[message.kind]
  return fds < least || fds > most ? garbled(`${message.kind} with ${fds} fds`) : message
}

const header = (kind: number, value: number): Buffer => {
  const bytes = Buffer.alloc(HOLDER_PROTOCOL.header)
  bytes.writeUInt32LE(kind, 0)
  bytes.writeUInt32LE(value, 4)
  return bytes
}

/** The first message of an agent. `isServing`: it has entries of a holder that has ended, and will give them. */
export const helloMessage = (isServing: boolean): Buffer =>
  header(isServing ? HOLDER_PROTOCOL.SERVING_AGENT : HOLDER_PROTOCOL.AGENT, HOLDER_PROTOCOL.version)

/** Gives entries, at most {@link MOST_ADOPTED}: with it go two fds of each in turn, the listener and the file of its state. */
export const adoptMessage = (ids: readonly bigint[]): Buffer => {
  const payload = Buffer.alloc(8 * ids.length)
  ids.forEach((id, index) => payload.writeBigUInt64LE(id, 8 * index))
  return Buffer.concat([header(HOLDER_PROTOCOL.ADOPT, ids.length), payload])
}

/** Gives the sockets that came with `welcome`: runtimes may have connected to them since. */
export const adoptSocketsMessage = (): Buffer => header(HOLDER_PROTOCOL.ADOPT_SOCKETS, 0)
