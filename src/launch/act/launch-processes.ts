import { remembered } from '../../plan/remembered.ts'
import { compareMemory, type Sharing } from '../../linux/process/kcmp.ffi.ts'
import type { LaunchState } from '../launch-state.ts'
import { LaunchProcess } from './launch-process.ts'
import { KeptVms } from './kept-vms.ts'
import { isThreadOf, liveThreadsOf, processOfThread } from './process-facts.ts'
import { ProcessMemory } from './process-memory.ts'

/** A register list as text. Remembered: each is saved again with every change of the launch. */
const textOf = remembered((list: readonly bigint[]) => list.join())

/** As many of one launch are known at once: of each memory a file is held open. */
const MOST_PROCESSES = 1024

/** Whether a process has the memory of a thread. A thread that has ended has none any more, and the first may end before the others. */
const sharing = ({ pid }: LaunchProcess, tid: number): Sharing => {
  const [live] = liveThreadsOf(pid)
  return live === undefined ? 'gone' : compareMemory(live, tid)
}

/** The processes of one filter. Owns what is held of their memory. */
export class LaunchProcesses {
  readonly #byPid = new Map<number, LaunchProcess>()
  readonly #memories = new Set<ProcessMemory>()

  readonly #most: number

  /** `state`: what a supervisor before us knew. */
  constructor(state?: Pick<LaunchState, 'processes' | 'registerLists'>, most = MOST_PROCESSES) {
    this.#most = most
    const lists = (state?.registerLists ?? []).map((text) => (text === '' ? [] : text.split(',').map(BigInt)))
    for (const one of state?.processes ?? []) {
      const vms = new KeptVms(one.vms, lists)
      const [tid = one.pid] = liveThreadsOf(one.pid)
      const memory = this.#sharedMemory(tid) ?? new ProcessMemory(tid, { ...one, vms })
      this.#byPid.set(one.pid, new LaunchProcess(one.pid, memory, one))
    }
    this.#forgetMemories()
  }

  /** The process of a thread that waits in a call; or it has gone, or is one too many. */
  of(tid: number): LaunchProcess | 'gone' | 'too-many' {
    const pid = this.#pidOf(tid)
    if (pid === undefined) return 'gone'
    const known = this.#byPid.get(pid)
    return known !== undefined && this.#isAsItWas(known, tid) ? known : this.#begin(pid, tid)
  }

  /** The pids of all processes that share a memory. */
  sharing(memory: ProcessMemory): number[] {
    return this.#all.filter((one) => one.memory === memory).map(({ pid }) => pid)
  }

  /** The processes of which a VM was made. */
  withVms(): LaunchProcess[] {
    return this.#all.filter(({ creators }) => creators.size > 0)
  }

  /** For a successor: processes, and the register lists that they refer to by index. */
  state(): Pick<LaunchState, 'processes' | 'registerLists'> {
    const lists = new Map<string, number>()
    const indexOf = (list: readonly bigint[]): number => {
      const text = textOf(list)
      if (!lists.has(text)) lists.set(text, lists.size)
      return lists.get(text) ?? 0
    }
    const processes = this.#all.map((process) => process.state(indexOf))
    return { processes, registerLists: [...lists.keys()] }
  }

  get #all(): LaunchProcess[] {
    return [...this.#byPid.values()]
  }

  /** Mostly there is one process, and to look for the thread there costs less than to read its status. */
  #pidOf(tid: number): number | undefined {
    const [pid] = this.#byPid.keys()
    return pid !== undefined && this.#byPid.size === 1 && isThreadOf(pid, tid) ? pid : processOfThread(tid)
  }

  /** Whether a process has executed nothing else since. One that shared its memory may have, while that lives on. */
  #isAsItWas({ memory, pid }: LaunchProcess, tid: number): boolean {
    if (!memory.isAlive) return false
    const others = this.#all.filter((one) => one.memory === memory && one.pid !== pid)
    return others.length === 0 || others.some((one) => sharing(one, tid) !== 'separate')
  }

  #begin(pid: number, tid: number): LaunchProcess | 'too-many' {
    this.#forgetEnded()
    this.#byPid.delete(pid)
    if (this.#byPid.size >= this.#most) return 'too-many'
    const process = new LaunchProcess(pid, this.#sharedMemory(tid) ?? new ProcessMemory(tid))
    this.#byPid.set(pid, process)
    this.#forgetMemories()
    return process
  }

  /** The memory of a thread, where another process is known to have it too. */
  #sharedMemory(tid: number): ProcessMemory | undefined {
    return this.#all.find((one) => sharing(one, tid) === 'shared')?.memory
  }

  /** Lets go of processes that have ended: a filter may see thousands. */
  #forgetEnded(): void {
    for (const pid of this.#byPid.keys()) if (!isThreadOf(pid, pid)) this.#byPid.delete(pid)
  }

  /** Lets go of the memory that no process has any more. */
  #forgetMemories(): void {
    const used = new Set(this.#all.map(({ memory }) => memory))
    for (const memory of this.#memories)
      if (!used.has(memory)) {
        memory[Symbol.dispose]()
        this.#memories.delete(memory)
      }
    for (const memory of used) this.#memories.add(memory)
  }

  [Symbol.dispose](): void {
    this.#byPid.clear()
    this.#forgetMemories()
  }
}
