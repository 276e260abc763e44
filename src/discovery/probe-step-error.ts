import { SystemCallError } from '../linux/errno.ts'

/** A system call that failed in the step `step`. */
export class ProbeStepError extends Error {
  override readonly name = 'ProbeStepError'
  readonly step: string
  readonly systemCall: SystemCallError

  constructor(step: string, cause: SystemCallError) {
    super(`${step}: ${cause.message}`, { cause })
    this.step = step
    this.systemCall = cause
  }
}

/** Runs `action`. A failed system call in it is thrown with `step`; of nested steps, with the innermost. */
export const inStep = <T>(step: string, action: () => T): T => {
  try {
    return action()
  } catch (error) {
    if (error instanceof SystemCallError) throw new ProbeStepError(step, error)
    throw error
  }
}
