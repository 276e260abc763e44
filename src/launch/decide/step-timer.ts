import { IN_ALL } from '../record/launch-record.ts'
import type { LaunchRecorder } from '../record/launch-recorder.ts'

/** Times the steps of one call for its record: a step ends where the next begins, or with the call. */
export class StepTimer {
  readonly #recorder: Pick<LaunchRecorder, 'addStep'>
  readonly #began: number
  #step: string | undefined
  #since = 0

  /** `now` in milliseconds, as in all that follows. */
  constructor(recorder: Pick<LaunchRecorder, 'addStep'>, now: number) {
    this.#recorder = recorder
    this.#began = now
  }

  begin(step: string, now: number): void {
    this.#end(now)
    this.#step = step
    this.#since = now
  }

  /** The call was served. */
  endAll(now: number): void {
    this.#end(now)
    this.#recorder.addStep(IN_ALL, (now - this.#began) * 1000)
  }

  #end(now: number): void {
    if (this.#step !== undefined) this.#recorder.addStep(this.#step, (now - this.#since) * 1000)
    this.#step = undefined
  }
}
