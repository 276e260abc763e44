import type { Notification } from '../../linux/seccomp/notification-listener.ffi.ts'

/** What a call is queued by. */
type CallOfThread = { readonly notification: Notification; readonly process: { readonly memory: object } }

/**
 * The calls of one filter. One of each memory is served at a time: a second one would find a VM half made. The others queue behind it.
 */
export class CallQueue<Call extends CallOfThread> {
  readonly #served = new Map<object, Call>()
  /** By memory, in the order they came: of each thread the last, because a signal withdraws a call and its thread makes it anew. */
  readonly #queued = new Map<object, Map<number, Notification>>()

  get isServing(): boolean {
    return this.#served.size > 0
  }

  /** The calls that are being served; {@link begin} and {@link end} are seen by who iterates. */
  served(): IteratorObject<Call> {
    return this.#served.values()
  }

  /** The call that is being served in this thread. */
  inThread(tid: number): Call | undefined {
    return this.served().find(({ notification }) => notification.tid === tid)
  }

  /** Queues a call behind the one of its memory that is being served; false if there is none, and it can be served at once. */
  queue(memory: object, notification: Notification): boolean {
    if (!this.#served.has(memory)) return false
    const queued = this.#queued.get(memory) ?? new Map<number, Notification>()
    this.#queued.set(memory, queued.set(notification.tid, notification))
    return true
  }

  begin(call: Call): void {
    this.#served.set(call.process.memory, call)
  }

  /** The call was served, or its thread is lost. Gives back what queued behind it, in the order it came. */
  end({ process: { memory } }: Call): readonly Notification[] {
    const queued = [...(this.#queued.get(memory)?.values() ?? [])]
    this.#served.delete(memory)
    this.#queued.delete(memory)
    return queued
  }
}
