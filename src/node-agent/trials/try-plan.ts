import type { RefusedPlace } from '../../api/node-cpu-features.ts'
import { isRefusal } from '../../discovery/ask-configuration.ts'
import { openScratchVm, type ScratchVm } from '../../discovery/scratch-vm.ts'
import { configurationName, type VcpuConfiguration } from '../../discovery/vcpu-configuration.ts'
import type { LaunchPolicy } from '../../launch/decide/launch-policy.ts'
import { levelVcpu, type LevelledVcpu } from '../../launch/script/level-vcpu.ts'
import { errnoName, SystemCallError } from '../../linux/errno.ts'
import type { InitialisedVcpu } from '../../linux/kvm/initialised-vcpu.ts'
import { Kvm } from '../../linux/kvm/kvm.ts'
import type { PlannedTrial } from './planned-trial.ts'
import { refusedPlaces } from './refused-places.ts'
import { ScratchRegisters } from './scratch-registers.ts'

/** What a trial came to. */
export type Tried =
  /** The vCPU showed the plan. */
  | { readonly kind: 'applied' }
  | { readonly kind: 'refused'; readonly places: readonly RefusedPlace[] }
  /** The trial could not be made: nothing is known of the plan. */
  | { readonly kind: 'failed'; readonly why: string }

const levelled = (registers: ScratchRegisters, policy: LaunchPolicy, sve: boolean): LevelledVcpu => {
  const step = levelVcpu(registers, policy, { sve, isFirst: true, lacks: [] }).next()
  if (step.done !== true) throw new Error(`a scratch vCPU is levelled without ${step.value.do}`)
  return step.value
}

/** Levels a fresh vCPU as a launch under the policy does, and reads it back. The vCPU never runs. */
export const levelScratchVcpu = (
  vcpu: Pick<InitialisedVcpu, 'getOneReg' | 'setOneReg' | 'getWideReg' | 'setWideReg'>,
  policy: LaunchPolicy,
  sve: boolean,
): Tried => {
  const registers = new ScratchRegisters(vcpu)
  const { refusals } = levelled(registers, policy, sve)
  if (refusals.length === 0) return { kind: 'applied' }
  const ids = new Map(policy.registers.map(({ name, kvmRegisterId }) => [name, kvmRegisterId]))
  const errnoOf = (register: string): string | undefined => {
    const errno = registers.errnoOf(ids.get(register) ?? -1n)
    return errno === undefined ? undefined : errnoName(errno)
  }
  return { kind: 'refused', places: refusedPlaces(refusals, errnoOf) }
}

/** The scratch VM; a refusal if KVM makes no vCPU with these features. Throws SystemCallError if it fails in another way. */
const opened = (kvm: Kvm, configuration: VcpuConfiguration): ScratchVm | Tried => {
  try {
    return openScratchVm(kvm, configuration)
  } catch (error) {
    if (!(error instanceof SystemCallError) || !isRefusal(error)) throw error
    const place = { feature: configurationName(configuration).slice(0, 64), errno: error.code }
    return { kind: 'refused', places: [place] }
  }
}

/**
 * Tries a plan on a scratch VM of its own, which never runs, and closes it. Blocks for some milliseconds. Every answer of KVM is a
 * result: only a defect of ours throws. `path`: the device.
 */
export const tryPlan = (
  { policy, configuration }: Extract<PlannedTrial, { kind: 'try' }>,
  path = '/dev/kvm',
): Tried => {
  try {
    using kvm = Kvm.open(path)
    const scratch = opened(kvm, configuration)
    if ('kind' in scratch) return scratch
    using used = scratch
    return levelScratchVcpu(used.vcpu, policy, configuration.vcpuFeatures.includes('sve'))
  } catch (error) {
    if (error instanceof SystemCallError) return { kind: 'failed', why: error.message }
    throw error
  }
}
