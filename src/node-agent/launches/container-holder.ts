import { errnoName } from '../../linux/errno.ts'
import type { Supervisor } from '../../launch/act/supervisor.ts'
import type { Logger } from '../../observability/logger.ts'
import { HolderConnection } from '../holder/holder-connection.ts'
import { readIdentity } from './container-identity.ts'
import { ContainerListener } from './container-listener.ts'

const CONNECT_AGAIN_MS = 500

export type ContainerHolderParts = {
  readonly socket: string
  readonly supervisor: Pick<Supervisor, 'watch' | 'unwatch'>
  readonly log: Logger
  readonly onListener: (listener: ContainerListener) => void
  /** The holder has taken calls of this listener while there was no agent, and nobody has answered them. */
  readonly onReceived: (listener: ContainerListener) => void
  /** A listener came whose container nobody knows; its fd is the caller's. */
  readonly onUnknown: (fd: number, why: string) => void
  /** All listeners that there were when this agent's turn came have been given. */
  readonly onComplete: (listeners: readonly ContainerListener[]) => void
  /** Another agent waits for this one to finish. */
  readonly onNewcomer: () => void
  readonly wake: () => void
}

/** Where the agent stands with the holder. */
export type HolderStanding = 'connecting' | 'waiting' | 'serving' | 'left'

/** Gets the listeners of this node's containers from the holder, and connects again where it ends. */
export class ContainerHolder {
  readonly #parts: ContainerHolderParts
  readonly #connection: HolderConnection
  readonly #listeners = new Set<ContainerListener>()
  #standing: HolderStanding = 'connecting'
  #again: NodeJS.Timeout | undefined

  constructor(parts: ContainerHolderParts) {
    this.#parts = parts
    this.#connection = new HolderConnection(parts.socket)
  }

  get standing(): HolderStanding {
    return this.#standing
  }

  connect(): void {
    const { socket, supervisor, log, wake } = this.#parts
    const result = this.#connection.connect()
    const { fd } = this.#connection
    if (result < 0 || fd === undefined) {
      if (this.#standing !== 'connecting')
        log.warn({ socket, why: errnoName(-result) }, 'the holder does not answer')
      this.#standing = 'connecting'
      this.#again = setTimeout(() => {
        this.connect()
      }, CONNECT_AGAIN_MS)
      return
    }
    this.#standing = 'waiting'
    supervisor.watch(fd, () => {
      this.#receive(fd)
    })
    wake()
  }

  /** The last task of a listener has ended. */
  forget(listener: ContainerListener): void {
    if (this.#listeners.delete(listener)) this.#connection.forget(listener.id)
  }

  /** Another agent may serve now. */
  leave(): void {
    clearTimeout(this.#again)
    const { fd } = this.#connection
    if (fd !== undefined) this.#parts.supervisor.unwatch(fd)
    this.#connection.leave()
    this.#standing = 'left'
  }

  #receive(fd: number): void {
    for (const event of this.#connection.receive())
      switch (event.kind) {
        case 'entry':
          this.#take(event.id, event.listener, event.state)
          break
        case 'received':
          this.#onReceived(event.id)
          break
        case 'complete':
          this.#standing = 'serving'
          this.#parts.log.info({ listeners: this.#listeners.size }, 'serving the KVM calls of containers')
          this.#parts.onComplete([...this.#listeners])
          break
        case 'newcomer':
          this.#parts.onNewcomer()
          break
        case 'closed':
          this.#parts.log.warn({ why: event.reason }, 'the connection to the holder has ended')
          this.#parts.supervisor.unwatch(fd)
          this.connect()
          break
        default:
          event satisfies never
      }
  }

  #onReceived(id: bigint): void {
    for (const listener of this.#listeners) if (listener.id === id) this.#parts.onReceived(listener)
  }

  #take(id: bigint, fd: number, state: Buffer): void {
    const read = readIdentity(state)
    if (read.kind === 'unreadable') {
      this.#connection.forget(id)
      this.#parts.onUnknown(fd, read.why)
      return
    }
    const listener = new ContainerListener(read.container, { fd, id })
    this.#listeners.add(listener)
    this.#parts.onListener(listener)
  }
}
