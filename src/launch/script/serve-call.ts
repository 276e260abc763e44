import type { PlanFinding } from '../../api/finding.ts'
import { errnoName, negativeErrno } from '../../linux/errno.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import type { NotifiedCall } from '../decide/notified-call.ts'
import { onNotification, type ProcessSituation } from '../decide/on-notification.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import { ask, begin, note, type Script } from './action.ts'
import { createVm } from './create-vm.ts'
import { finalizeVcpu, finalizeWithoutSve, initVcpu } from './init-vcpu.ts'
import { getRegisterList, giveRegisterList } from './register-list.ts'

const EINVAL = negativeErrno('EINVAL')
const EIO = negativeErrno('EIO')

/** A call that waits, and what is known of its process. `args` are the ioctl's own. */
export type WaitingCall = {
  readonly call: NotifiedCall
  readonly args: readonly bigint[]
  readonly situation: ProcessSituation
}

/** The call, made in its stopped thread with what must come before and after it: its result. */
function* make(policy: LaunchPolicy, { call, args }: WaitingCall, traps: boolean): Script<bigint> {
  switch (call.kind) {
    case 'create-vm':
      return yield* createVm(policy, args.slice(0, 3), traps)
    case 'vcpu-init':
      return yield* initVcpu(policy, call, traps)
    case 'vcpu-finalize':
      return yield* finalizeVcpu(policy, call, traps)
    case 'get-reg-list':
      return yield* getRegisterList(policy, call, traps)
    case 'check-extension':
    case 'other':
      return EINVAL
    default:
      return call satisfies never
  }
}

function* notTraceable({ enforcement }: LaunchPolicy, errno: number): Script<string> {
  const failed = enforcement === 'Strict'
  const findings = [refusal({ reason: 'NotTraceable', limit: errnoName(errno) })]
  yield* note({ kind: 'findings', findings, failed })
  yield* ask(failed ? { do: 'answer', value: EIO } : { do: 'resume' })
  return failed ? 'fails with EIO' : 'goes on'
}

function* resume(call: NotifiedCall, finding?: PlanFinding): Script<string> {
  if (call.kind === 'create-vm') yield* note({ kind: 'unlevelled-vm' })
  if (finding !== undefined) yield* note({ kind: 'findings', findings: [finding], failed: false })
  yield* begin('answer')
  yield* ask({ do: 'resume' })
  return 'goes on'
}

function* intervene(policy: LaunchPolicy, waiting: WaitingCall): Script<string> {
  yield* begin('stop')
  const stop = yield* ask({ do: 'stop' })
  if (stop.kind === 'signal-first') return 'was interrupted'
  if (stop.kind === 'not-traceable') return yield* notTraceable(policy, stop.errno)
  const result = yield* make(policy, waiting, stop.traps)
  yield* begin('let go')
  yield* ask({ do: 'let-go', value: result })
  return result < 0n ? `injected, fails with ${errnoName(Number(-result))}` : 'injected'
}

/**
 * Serves one notified call until it continues. Returns the result for the record. From any action on, the thread may be
 * lost (ended, or not stopped in time): the script is dropped there, and has let nothing go on that it had not finished.
 */
export function* serveCall(policy: LaunchPolicy, waiting: WaitingCall): Script<string> {
  const { call, situation } = waiting
  const answer = onNotification(policy, situation, call)
  switch (answer.kind) {
    case 'return':
      yield* begin('answer')
      yield* ask({ do: 'answer', value: BigInt(answer.value) })
      return `returns ${answer.value}`
    case 'resume':
      return yield* resume(call, answer.finding)
    case 'refuse':
      yield* note({ kind: 'findings', findings: [answer.finding], failed: true })
      yield* begin('answer')
      yield* ask({ do: 'answer', value: EINVAL })
      return 'fails with EINVAL'
    case 'finalize-without-sve':
      return call.kind === 'vcpu-finalize' ? yield* finalizeWithoutSve(call) : 'goes on'
    case 'give-register-list':
      return call.kind === 'get-reg-list' ? yield* giveRegisterList(call, answer.list) : 'goes on'
    case 'intervene':
      return yield* intervene(policy, waiting)
    default:
      return answer satisfies never
  }
}
