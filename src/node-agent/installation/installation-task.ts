import { installationProblems } from '../../api/installed-objects.ts'
import { getIfThere } from '../../kube/get-if-there.ts'
import { VERSION } from '../../runtime/version.ts'
import type { Task, TaskContext } from '../task.ts'

/** Every node asks for each object, so seldom; the controller looks every half minute. */
const LOOK_AGAIN_MS = 60 * 60_000
const LOOK_AGAIN_WHERE_WRONG_MS = 60_000

/** So much later at random, that thousands of agents that started together do not ask together. */
const SPREAD = 1

/** Looks whether the CRDs, policies and bindings on which the node-agent rests are there, and of its version. */
export class InstallationTask implements Task {
  readonly name = 'installation'
  readonly #context: Pick<TaskContext, 'client' | 'clock' | 'log'>
  readonly #stopped = new AbortController()
  #problems: readonly string[] = ['the policies of this installation have not been looked at yet']
  #working: Promise<void> | undefined

  constructor(context: Pick<TaskContext, 'client' | 'clock' | 'log'>) {
    this.#context = context
  }

  notReady(): readonly string[] {
    return this.#problems
  }

  start(): undefined {
    this.#working = this.#keepLooking()
    return undefined
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#working
  }

  async #keepLooking(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      await this.#look(signal)
      const ms = this.#problems.length === 0 ? LOOK_AGAIN_MS : LOOK_AGAIN_WHERE_WRONG_MS
      await this.#context.clock.sleep(ms * (1 + SPREAD * Math.random()), signal)
    }
  }

  /** An API server that does not answer changes nothing: what was seen last is the best that is known. */
  async #look(signal: AbortSignal): Promise<void> {
    const { client, log } = this.#context
    try {
      this.#problems = await installationProblems(
        (resource, name) => getIfThere(client, resource, { name }, signal),
        VERSION,
      )
      if (this.#problems.length > 0)
        log.warn({ problems: this.#problems }, 'the installation is not complete')
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'the policies of this installation cannot be read')
    }
  }
}
