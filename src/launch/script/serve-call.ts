import type { CallSituation } from '../decide/call-situation.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import type { NotifiedCall } from '../decide/notified-call.ts'
import { onNotification, type Answer, type Resumed } from '../decide/on-notification.ts'
import { ask, begin, note, type Script } from './action.ts'
import { createVm } from './create-vm.ts'
import { finalizeLengths, finalizeVcpu, finalizeWithoutSve } from './finalize-vcpu.ts'
import { initVcpu } from './init-vcpu.ts'
import { getRegisterList, giveRegisterList } from './register-list.ts'
import { failWith, inStoppedThread, leaveBehind, refuse } from './served-thread.ts'

/** A call that waits, and what is known of it. `args` are the ioctl's own. */
export type WaitingCall = {
  readonly call: NotifiedCall
  readonly args: readonly bigint[]
  readonly situation: CallSituation
}

/** The call goes on by itself. What that needs is kept, and its vCPU marked, first. */
function* resume(policy: LaunchPolicy, resumed: Resumed): Script<string> {
  if (!(yield* leaveBehind(policy, resumed))) return yield* failWith('EIO', false)
  yield* begin('answer')
  yield* ask({ do: 'resume' })
  return 'goes on'
}

function* intervene(policy: LaunchPolicy, { call, args, situation }: WaitingCall): Script<string> {
  switch (call.kind) {
    case 'create-vm':
      return yield* inStoppedThread(policy, (traps) => createVm(args.slice(0, 3), traps))
    case 'vcpu-init':
      return yield* initVcpu(policy, call)
    case 'vcpu-finalize':
      return yield* inStoppedThread(policy, (traps) => finalizeVcpu(policy, call, { situation, traps }))
    case 'get-reg-list':
      return yield* inStoppedThread(policy, (traps) => getRegisterList(policy, call, { situation, traps }))
    case 'check-extension':
    case 'other':
      return yield* failWith('EINVAL', false)
    default:
      return call satisfies never
  }
}

function* answered(value: bigint): Script<string> {
  yield* begin('answer')
  yield* note({ kind: 'answered' })
  yield* ask({ do: 'answer', value })
  return `returns ${value}`
}

/** What a vCPU's FINALIZE or register list comes to without a stop. */
function* served(
  call: NotifiedCall,
  answer: Extract<
    Answer,
    { readonly kind: 'finalize-without-sve' | 'finalize-lengths' | 'give-register-list' }
  >,
): Script<string> {
  if (!('argument' in call)) return 'goes on'
  switch (answer.kind) {
    case 'finalize-without-sve':
      return yield* finalizeWithoutSve(call)
    case 'finalize-lengths':
      return yield* finalizeLengths(call)
    case 'give-register-list':
      return yield* giveRegisterList(call, answer.list)
    default:
      return answer satisfies never
  }
}

/**
 * Serves one notified call until it continues, other than an INIT whose thread is stopped first: {@link initVcpu}. Returns the result for
 * the record. From any action on, the thread may be lost (ended, or not stopped in time): the script is dropped there, and has let
 * nothing go on that it had not finished.
 */
export function* serveCall(policy: LaunchPolicy, waiting: WaitingCall): Script<string> {
  const { call, situation } = waiting
  const answer = onNotification(policy, situation, call)
  switch (answer.kind) {
    case 'return':
      return yield* answered(BigInt(answer.value))
    case 'resume':
      if (call.kind === 'create-vm') yield* note({ kind: 'vm' })
      return yield* resume(policy, answer)
    case 'refuse':
      return yield* refuse([answer.refused])
    case 'finalize-without-sve':
    case 'finalize-lengths':
    case 'give-register-list':
      return yield* served(call, answer)
    case 'intervene':
      return yield* intervene(policy, waiting)
    default:
      return answer satisfies never
  }
}
