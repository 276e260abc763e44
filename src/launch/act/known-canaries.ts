import { areCanaries } from '../../linux/kvm/vcpu-file.ts'
import { WatchedBytes } from '../../linux/process/watched-bytes.ffi.ts'

/** What watches canaries: {@link WatchedBytes}. */
export type CanaryWatch = Disposable & Pick<WatchedBytes, 'add' | 'read'>

/** A marked vCPU whose canary can be watched. */
type WatchableVcpu = { watchCanary(watch: CanaryWatch): boolean }

/**
 * The canaries of all vCPUs that were ever marked in a memory, those that no file table shows too: of a vCPU its page is held, and no
 * file. Two calls read them all. They tell that no vCPU has entered the guest, until the first has: whether that is there yet only a
 * look at all can tell, and it does not see one that is on its way through a socket.
 */
export class KnownCanaries {
  readonly #open: () => CanaryWatch | undefined
  #watch: CanaryWatch | undefined
  /** Whether each marked vCPU is watched. */
  #isComplete: boolean

  /** `isComplete`: none is marked yet. `open` gives a watch. */
  constructor(isComplete: boolean, open: () => CanaryWatch | undefined = () => WatchedBytes.open()) {
    this.#isComplete = isComplete
    this.#open = open
  }

  /** Whether certainly no marked vCPU has entered the guest. */
  get areAllThere(): boolean {
    if (this.#isComplete && this.#watch !== undefined) {
      const bytes = this.#watch.read()
      if (bytes === undefined || !areCanaries(bytes)) this[Symbol.dispose]()
    }
    return this.#isComplete
  }

  /** A vCPU is marked from now on, and has its canary. */
  add(vcpu: WatchableVcpu): void {
    if (!this.#isComplete) return
    this.#watch ??= this.#open()
    if (this.#watch === undefined || !vcpu.watchCanary(this.#watch)) this[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]()
    this.#watch = undefined
    this.#isComplete = false
  }
}
