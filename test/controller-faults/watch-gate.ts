/** Holds back the events of watches while it is closed. */
export class WatchGate {
  #opened = Promise.resolve()
  #open: (() => void) | undefined

  close(): void {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#opened = promise.then(() => undefined)
    this.#open = () => {
      resolve(undefined)
    }
  }

  open(): void {
    this.#open?.()
  }

  /** Resolves as soon as the gate is open. */
  passed(): Promise<void> {
    return this.#opened
  }
}
