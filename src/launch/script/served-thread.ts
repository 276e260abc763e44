import type { LaunchRefusal } from '../../api/finding.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import type { Errno } from '../../linux/abi/errno.ts'
import { errnoName, negativeErrno } from '../../linux/errno.ts'
import { isStrict, type LaunchPolicy } from '../decide/launch-policy.ts'
import type { Resumed } from '../decide/on-notification.ts'
import { ask, begin, note, type Script } from './action.ts'

/** The call fails with EINVAL, and the launch with it. */
export function* refuse(refusals: readonly LaunchRefusal[], isStopped = false): Script<string> {
  yield* note({ kind: 'refusals', refusals, failed: true })
  yield* begin('answer')
  return yield* failWith('EINVAL', isStopped)
}

/** The call fails, and is not made: its thread waits in it, or is stopped there. */
export function* failWith(name: Errno, isStopped: boolean): Script<string> {
  const value = negativeErrno(name)
  yield* ask(isStopped ? { do: 'let-go', value } : { do: 'answer', value })
  return `fails with ${name}`
}

/** What could not be done for a call whose thread is as it was: it fails with EIO under Strict, and goes on under BestEffort. */
function* giveUp(policy: LaunchPolicy, refusals: readonly LaunchRefusal[], isInit: boolean): Script<string> {
  const failed = isStrict(policy)
  yield* note({ kind: 'refusals', refusals, failed })
  if (failed) return yield* failWith('EIO', false)
  if (isInit) yield* leaveBehind(policy, { mark: 'unlevelled' })
  yield* ask({ do: 'resume' })
  return 'goes on'
}

/**
 * Keeps what was noted, before the VMM can see what it says. False where that failed under Strict, and the call must fail. Under
 * BestEffort a successor will know less.
 */
export function* keep(policy: LaunchPolicy): Script<boolean> {
  return (yield* ask({ do: 'save' })) || !isStrict(policy)
}

/** What must be kept, and marked, before a call goes on by itself; false where it must not go on. */
export function* leaveBehind(
  policy: LaunchPolicy,
  { mark, losesSight, refused }: Omit<Resumed, 'kind'>,
): Script<boolean> {
  if (refused !== undefined) yield* note({ kind: 'refusals', refusals: [refused], failed: false })
  if (losesSight === true) yield* note({ kind: 'sight-lost' })
  if (mark === undefined && losesSight !== true) return true
  if (!(yield* keep(policy))) return false
  const isMarked = mark === undefined || (yield* ask({ do: 'mark', state: mark }))
  return isMarked || (yield* leaveBehind(policy, { losesSight: true }))
}

/** Stops the thread for what is to be done there: its result, the answer for the record. */
export function* inStop(
  policy: LaunchPolicy,
  isInit: boolean,
  act: (traps: boolean) => Script<string>,
): Script<string> {
  yield* begin('stop')
  const stop = yield* ask({ do: 'stop' })
  switch (stop.kind) {
    case 'stopped':
      return yield* act(stop.traps)
    case 'signal-first':
      return 'was interrupted'
    case 'not-kept':
      return yield* giveUp(policy, [], isInit)
    case 'not-traceable':
      return yield* giveUp(
        policy,
        [refusal({ reason: 'NotTraceable', cause: errnoName(stop.errno) })],
        isInit,
      )
    default:
      return stop satisfies never
  }
}

/**
 * Makes the call in the stopped thread, with what must come before and after, and lets it go with the result. Its life is bound to ours
 * only while its registers are borrowed, and not if a vCPU entered the guest until then. Returns the answer for the record.
 */
export function* makeBound(make: Script<bigint>): Script<string> {
  if (yield* ask({ do: 'ask-run' })) {
    yield* ask({ do: 'let-be' })
    return 'is made again'
  }
  yield* ask({ do: 'bind' })
  const result = yield* make
  if (yield* ask({ do: 'ask-run' }))
    yield* note({ kind: 'refusals', refusals: [refusal({ reason: 'RanDuringStop' })], failed: false })
  yield* begin('let go')
  yield* ask({ do: 'let-go', value: result })
  return result < 0n ? `injected, fails with ${errnoName(Number(-result))}` : 'injected'
}

/** Stops the thread, makes the call there, and lets it go. */
export const inStoppedThread = (
  policy: LaunchPolicy,
  make: (traps: boolean) => Script<bigint>,
): Script<string> => inStop(policy, false, (traps) => makeBound(make(traps)))
