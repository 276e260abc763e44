import type { LaunchRefusal } from '../../api/finding.ts'
import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { KVM_ARM_VCPU_INIT, KVM_VCPU_INIT } from '../../linux/abi/kvm.ts'
import { negativeErrno } from '../../linux/errno.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import type { CallSituation } from '../decide/call-situation.ts'
import { isStrict, type LaunchPolicy } from '../decide/launch-policy.ts'
import { onVcpuInit, type Resumed } from '../decide/on-notification.ts'
import {
  askedFeatureRefusals,
  isJudgedLater,
  lackingFeatures,
  requestedFeatures,
  requestsSve,
} from '../decide/requested-features.ts'
import type { VcpuState } from '../decide/vcpu-state.ts'
import { ask, begin, note, type Script } from './action.ts'
import { levelVcpu } from './level-vcpu.ts'
import { takeRegisterList, type VcpuCall } from './register-list.ts'
import { ScratchPages } from './scratch-pages.ts'
import { failWith, inStop, keep, leaveBehind, makeBound, refuse } from './served-thread.ts'
import { VcpuAccess } from './vcpu-access.ts'

const EINVAL = negativeErrno('EINVAL')
const EIO = negativeErrno('EIO')

/** An INIT that is made: its struct kvm_vcpu_init, the features it asks for, and what was found of them. */
type InitCall = VcpuCall & {
  readonly init: Buffer
  readonly bits: readonly number[]
  readonly found: readonly LaunchRefusal[]
  readonly situation: CallSituation
}

function* makeInit(fd: number, argument: bigint): Script<bigint> {
  const args = [fd, KVM_ARM_VCPU_INIT, argument]
  return yield* ask({ do: 'call', number: AARCH64_SYSCALLS.ioctl, args, notified: true })
}

const stateBefore = ({ vcpu }: CallSituation): VcpuState | undefined =>
  vcpu.kind === 'vcpu' ? vcpu.state : undefined

/** What the mark of a vCPU is once its INIT was made, and what was found was found. */
const stateAfter = (policy: LaunchPolicy, { bits, situation }: InitCall, isLevelled: boolean): VcpuState => {
  if (isJudgedLater(policy, bits, stateBefore(situation))) return 'lacking'
  if (!isLevelled) return 'unlevelled'
  return policy.sveVectorLengths !== undefined && requestsSve(bits) ? 'lengths-pending' : 'levelled'
}

/** Keeps what is known of its VM, and then marks the vCPU: what a mark says was written, and is known to a successor. */
function* leaveMark(
  state: VcpuState,
  { bits, situation }: InitCall,
  list?: readonly bigint[],
): Script<boolean> {
  const { vcpu, freshLabel } = situation
  const label = vcpu.kind === 'vcpu' && vcpu.label !== 0 ? vcpu.label : freshLabel
  if (vcpu.kind === 'vcpu')
    yield* note({ kind: 'vm-kept', label, features: bits, ...(list !== undefined && { list }) })
  if (!(yield* ask({ do: 'save' }))) return false
  yield* ask({ do: 'mark', state, label })
  return true
}

function* initAndLevel(policy: LaunchPolicy, pages: ScratchPages, call: InitCall): Script<bigint> {
  const { fd, init, bits, found, situation } = call
  const strict = isStrict(policy)
  // A copy of ours: what was looked at is what KVM gets.
  if (!(yield* pages.write(0, init))) return EINVAL
  yield* begin('KVM_ARM_VCPU_INIT')
  const result = yield* makeInit(fd, pages.address)
  if (result !== 0n) return result
  yield* begin('level registers')
  // A VM gets its label when its first vCPU is levelled.
  const isFirst = situation.vcpu.kind !== 'vcpu' || situation.vcpu.label === 0
  const lacks = lackingFeatures(policy, bits, stateBefore(situation))
  const nature = { sve: requestsSve(bits), isFirst, lacks }
  const { writes, refusals } = yield* levelVcpu(new VcpuAccess(pages, fd), policy, nature)
  const failed = refusals.length > 0 && strict
  yield* note({ kind: 'vcpu', writes })
  yield* note({ kind: 'refusals', refusals, failed })
  if (failed) return EINVAL
  const list = policy.excludedRegisters.size > 0 ? yield* takeRegisterList(policy, pages, fd) : undefined
  const state = stateAfter(policy, call, refusals.length + found.length === 0)
  const kept = yield* leaveMark(state, call, typeof list === 'number' ? undefined : list)
  return kept || !strict ? result : EIO
}

function* makeLevelled(policy: LaunchPolicy, call: InitCall, traps: boolean): Script<bigint> {
  const strict = isStrict(policy)
  yield* begin('map scratch pages')
  const pages = yield* ScratchPages.map(traps)
  if (pages === undefined) {
    yield* note({ kind: 'refusals', refusals: [refusal({ reason: 'ScratchRefused' })], failed: strict })
    if (strict) return EINVAL
    const result = yield* makeInit(call.fd, call.argument)
    yield* leaveMark('unlevelled', call)
    return result
  }
  const result = yield* initAndLevel(policy, pages, call)
  yield* begin('unmap scratch pages')
  yield* pages.unmap()
  return result
}

/** What is found before KVM makes the INIT. */
const foundBeforeInit = (
  policy: LaunchPolicy,
  bits: readonly number[],
  situation: CallSituation,
): LaunchRefusal[] => [
  ...askedFeatureRefusals(policy, bits, stateBefore(situation)),
  ...(policy.plansVcpuRegisters && !situation.host.keepsClidr ? [refusal({ reason: 'KernelTooOld' })] : []),
]

function* levelStopped(
  policy: LaunchPolicy,
  call: VcpuCall,
  { situation, traps }: { readonly situation: CallSituation; readonly traps: boolean },
): Script<string> {
  yield* begin('look at what it asks for')
  const init = yield* ask({ do: 'read', address: call.argument, length: KVM_VCPU_INIT.size })
  // KVM could not read it either; where it could by then, it would make a vCPU that is not levelled.
  if (init === undefined) return yield* failWith('EFAULT', true)
  const bits = requestedFeatures(init)
  const found = foundBeforeInit(policy, bits, situation)
  if (found.length > 0 && isStrict(policy)) return yield* refuse(found, true)
  yield* note({ kind: 'refusals', refusals: found, failed: false })
  if (situation.vcpu.kind === 'unresolvable') yield* note({ kind: 'sight-lost' })
  if (!(yield* keep(policy))) return yield* failWith('EIO', true)
  yield* ask({ do: 'mark', state: 'begun' })
  return yield* makeBound(makeLevelled(policy, { ...call, init, bits, found, situation }, traps))
}

/** The same call is made again, and goes on by the mark that is left. */
function* letBe(policy: LaunchPolicy, resumed: Resumed): Script<string> {
  if (!(yield* leaveBehind(policy, resumed))) return yield* failWith('EIO', true)
  yield* ask({ do: 'let-be' })
  return 'is made again'
}

/**
 * KVM_ARM_VCPU_INIT of a vCPU that is not levelled: its thread is stopped before anything is looked at, so that no signal begins the
 * call anew meanwhile. Returns the answer for the record.
 */
export const initVcpu = (policy: LaunchPolicy, call: VcpuCall): Script<string> =>
  inStop(policy, true, function* (traps) {
    yield* begin('look at the process')
    const situation = yield* ask({ do: 'look' })
    const answer = onVcpuInit(policy, situation)
    switch (answer.kind) {
      case 'intervene':
        return yield* levelStopped(policy, call, { situation, traps })
      case 'refuse':
        return yield* refuse([answer.refused], true)
      case 'resume':
        return yield* letBe(policy, answer)
      default:
        return answer satisfies never
    }
  })
