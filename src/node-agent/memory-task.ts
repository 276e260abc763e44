import { releaseProgramPages } from '../linux/process/program-pages.ffi.ts'
import type { Task } from './task.ts'

const AGAIN_MS = 60_000

/**
 * Keeps what this process has in memory to what it uses. Its start, probes and launches need tens of MiB of code and tables of Node's
 * binary, and most of the time nothing does. What is used again comes back from the page cache.
 */
export class MemoryTask implements Task {
  readonly name = 'memory'
  #releasing: NodeJS.Timeout | undefined

  notReady(): readonly string[] {
    return []
  }

  start(): undefined {
    this.#releasing = setInterval(() => {
      try {
        releaseProgramPages()
      } catch {
        // The process goes on with more memory.
      }
    }, AGAIN_MS)
    return undefined
  }

  stop(): undefined {
    clearInterval(this.#releasing)
    return undefined
  }
}
