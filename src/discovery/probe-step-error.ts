import { SystemCallError } from '../linux/errno.ts'

/** A system call that failed while `step` was being asked. */
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

/** Does `action`; a system call that fails in it is told with `step`, the innermost where steps are nested. */
export const inStep = <T>(step: string, action: () => T): T => {
  try {
    return action()
  } catch (error) {
    if (error instanceof SystemCallError) throw new ProbeStepError(step, error)
    throw error
  }
}
