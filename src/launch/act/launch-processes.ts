import type { LaunchState } from '../launch-state.ts'
import { LaunchProcess } from './launch-process.ts'
import { isThreadOf, processOfThread } from './process-facts.ts'

const knownTexts = new WeakMap<readonly bigint[], string>()

/** A register list as text. Remembered: each is saved again with every change of the launch. */
const textOf = (list: readonly bigint[]): string => {
  const text = knownTexts.get(list) ?? list.join()
  knownTexts.set(list, text)
  return text
}

/** The processes of one filter. Owns what is kept of each. */
export class LaunchProcesses {
  readonly #byPid = new Map<number, LaunchProcess>()

  /** `state`: what a supervisor before us knew. */
  constructor(state?: LaunchState) {
    const lists = (state?.registerLists ?? []).map((text) => (text === '' ? [] : text.split(',').map(BigInt)))
    for (const one of state?.processes ?? []) this.#byPid.set(one.pid, LaunchProcess.restore(one, lists))
  }

  /**
   * The process of a thread; undefined if it has gone. Mostly there is one, and to look for the thread there costs less than to read
   * its status.
   */
  pidOf(tid: number): number | undefined {
    const [pid] = this.#byPid.keys()
    return pid !== undefined && this.#byPid.size === 1 && isThreadOf(pid, tid) ? pid : processOfThread(tid)
  }

  /** What is known of a process, from its first call on. */
  get(pid: number): LaunchProcess {
    const known = this.#byPid.get(pid)
    if (known !== undefined) return known
    this.#forgetEnded()
    const process = new LaunchProcess(pid)
    this.#byPid.set(pid, process)
    return process
  }

  /** All threads that have made a VM. */
  creators(): ReadonlySet<number> {
    return new Set([...this.#byPid.values()].flatMap((process) => [...process.creators]))
  }

  /** For a successor: processes, and the register lists that they refer to by index. */
  state(): Pick<LaunchState, 'processes' | 'registerLists'> {
    const lists = new Map<string, number>()
    const indexOf = (list: readonly bigint[]): number => {
      const key = textOf(list)
      if (!lists.has(key)) lists.set(key, lists.size)
      return lists.get(key) ?? 0
    }
    const processes = [...this.#byPid.values()].map((process) => process.state(indexOf))
    return { processes, registerLists: [...lists.keys()] }
  }

  /** Lets go of processes that have ended: a filter may see thousands. */
  #forgetEnded(): void {
    for (const [pid, process] of this.#byPid) {
      if (isThreadOf(pid, pid)) continue
      process[Symbol.dispose]()
      this.#byPid.delete(pid)
    }
  }

  [Symbol.dispose](): void {
    for (const process of this.#byPid.values()) process[Symbol.dispose]()
  }
}
