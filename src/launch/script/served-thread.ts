import type { LaunchRefusal } from '../../api/finding.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import { errnoName, negativeErrno } from '../../linux/errno.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import { ask, begin, note, type Script } from './action.ts'

const EINVAL = negativeErrno('EINVAL')
const EIO = negativeErrno('EIO')

/** The call fails with EINVAL, and the launch with it. */
export function* refuse(findings: readonly LaunchRefusal[]): Script<string> {
  yield* note({ kind: 'findings', findings, failed: true })
  yield* begin('answer')
  yield* ask({ do: 'answer', value: EINVAL })
  return 'fails with EINVAL'
}

/** What could not be done for a call whose thread is as it was: it fails with EIO under Strict, and goes on under BestEffort. */
function* giveUp(
  { enforcement }: LaunchPolicy,
  findings: readonly LaunchRefusal[],
  isInit: boolean,
): Script<string> {
  const failed = enforcement === 'Strict'
  yield* note({ kind: 'findings', findings, failed })
  if (!failed && isInit) yield* ask({ do: 'mark', state: 'unlevelled' })
  yield* ask(failed ? { do: 'answer', value: EIO } : { do: 'resume' })
  return failed ? 'fails with EIO' : 'goes on'
}

/**
 * Keeps what was noted, before the VMM can see what it says. False where that failed under Strict: the call has failed with EIO. Under
 * BestEffort a successor will know less.
 */
export function* keep({ enforcement }: LaunchPolicy): Script<boolean> {
  const isKept = (yield* ask({ do: 'save' })) || enforcement === 'BestEffort'
  if (!isKept) yield* ask({ do: 'answer', value: EIO })
  return isKept
}

/**
 * Stops the thread, makes the call there with what must come before and after, and lets it go with the result. Its life is bound to
 * ours only while its registers are borrowed, and not if a vCPU entered the guest until then. Returns the answer for the record.
 */
export function* inStoppedThread(
  policy: LaunchPolicy,
  make: (traps: boolean) => Script<bigint>,
  isInit = false,
): Script<string> {
  yield* begin('stop')
  const stop = yield* ask({ do: 'stop' })
  if (stop.kind === 'signal-first') return 'was interrupted'
  if (stop.kind === 'not-kept') return yield* giveUp(policy, [], isInit)
  if (stop.kind === 'not-traceable')
    return yield* giveUp(policy, [refusal({ reason: 'NotTraceable', cause: errnoName(stop.errno) })], isInit)
  if (yield* ask({ do: 'ask-run' })) {
    yield* ask({ do: 'let-be' })
    return 'is made again'
  }
  yield* ask({ do: 'bind' })
  const result = yield* make(stop.traps)
  if (yield* ask({ do: 'ask-run' }))
    yield* note({ kind: 'findings', findings: [refusal({ reason: 'RanDuringStop' })], failed: false })
  yield* begin('let go')
  yield* ask({ do: 'let-go', value: result })
  return result < 0n ? `injected, fails with ${errnoName(Number(-result))}` : 'injected'
}
