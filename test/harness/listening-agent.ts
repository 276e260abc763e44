import { closeFd } from '../../src/linux/process/close.ffi.ts'
import { HolderConnection, type HolderEvent } from '../../src/node-agent/holder/holder-connection.ts'
import { eventually } from './eventually.ts'
import type { HolderNode } from './holder-process.ts'

/** An agent that keeps all that it is told. */
export class ListeningAgent {
  readonly connection: HolderConnection
  readonly events: HolderEvent[] = []

  constructor(node: HolderNode) {
    this.connection = new HolderConnection(node.holderSocket)
  }

  connect(): number {
    return this.connection.connect()
  }

  of<Kind extends HolderEvent['kind']>(kind: Kind): Extract<HolderEvent, { readonly kind: Kind }>[] {
    return this.events.filter(
      (event): event is Extract<HolderEvent, { readonly kind: Kind }> => event.kind === kind,
    )
  }

  /** Listens until so many events of a kind were told, in all. */
  async hear<Kind extends HolderEvent['kind']>(
    kind: Kind,
    count = 1,
  ): Promise<Extract<HolderEvent, { readonly kind: Kind }>[]> {
    return eventually(
      `${count} times ${kind} to be told`,
      () => {
        this.listen()
        const told = this.of(kind)
        return Promise.resolve(told.length >= count ? told : undefined)
      },
      { everyMs: 10 },
    )
  }

  /** Reads what has been told until now. */
  listen(): void {
    this.events.push(...this.connection.receive())
  }

  /** As if this process had been killed: the kernel closes what it has open. */
  die(): void {
    for (const { listener } of this.of('entry')) closeFd(listener)
    this.connection.leave()
  }
}
