import type { LaunchRefusal } from '../../api/finding.ts'
import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import { withBitsOf } from '../../arm64/bits.ts'
import { fieldMask } from '../../arm64/field.ts'
import { KVM_GET_ONE_REG, KVM_REG_ARM64_SVE_VLS, KVM_SET_ONE_REG } from '../../linux/abi/kvm.ts'
import { errnoName } from '../../linux/errno.ts'
import { decideWrites, type WantedWrite } from '../decide/decide-writes.ts'
import { differingFields, refusedFields } from '../record/differing-fields.ts'
import { isStrict, type LaunchPolicy } from '../decide/launch-policy.ts'
import type { RegisterWrite } from '../record/launch-recorder.ts'
import { missingFeatures } from '../decide/missing-features.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import { withoutFeatures } from '../../plan/without-features.ts'
import { sveVectorLengths } from '../decide/sve-vector-lengths.ts'
import { enabledFeatureRefusals, featureRegisters } from '../decide/requested-features.ts'
import type { Script } from './action.ts'
import type { RegisterAccess } from './vcpu-access.ts'

/** What levelling one vCPU came to. */
export type LevelledVcpu = {
  readonly writes: readonly RegisterWrite[]
  readonly refusals: readonly LaunchRefusal[]
}

/** A register that KVM refused as a whole is written field by field: what can be had is had, and the record names the rest. */
function* writeByField(
  vcpu: RegisterAccess,
  { planned, wanted }: WantedWrite,
  shown: bigint,
): Script<bigint> {
  let kept = shown
  for (const field of differingFields(planned.name, wanted, shown)) {
    const value = withBitsOf(kept, fieldMask(field), wanted)
    const [result] = yield* vcpu.write([{ kvmRegisterId: planned.kvmRegisterId, value }])
    kept = result?.shown.value ?? kept
  }
  return kept
}

type KeptWrite = RegisterWrite & { readonly write: WantedWrite }

function* writeRegisters(vcpu: RegisterAccess, wanted: readonly WantedWrite[]): Script<LevelledVcpu> {
  const results = yield* vcpu.write(
    wanted.map(({ planned, wanted: value }) => ({ kvmRegisterId: planned.kvmRegisterId, value })),
  )
  const writes: KeptWrite[] = []
  for (const [index, write] of wanted.entries()) {
    const shown = results[index]?.shown.value ?? write.before
    const kept = shown === write.wanted ? shown : yield* writeByField(vcpu, write, shown)
    writes.push({ register: write.planned.name, wanted: write.wanted, before: write.before, kept, write })
  }
  return {
    writes: writes.map(({ register, wanted, before, kept }) => ({ register, wanted, before, kept })),
    refusals: writes
      .filter(({ wanted: value, kept }) => value !== kept)
      .flatMap(({ write, kept }) => refusedFields(write.planned, write.wanted, kept)),
  }
}

function* writeVectorLengths(
  vcpu: RegisterAccess,
  lengths: readonly number[],
): Script<readonly LaunchRefusal[]> {
  const wanted = sveVectorLengths(lengths)
  const shown = yield* vcpu.transfer(KVM_GET_ONE_REG, KVM_REG_ARM64_SVE_VLS, Buffer.alloc(wanted.length))
  // Writable until KVM_ARM_VCPU_FINALIZE.
  if (shown.errno === 0 && shown.value?.equals(wanted) === true) return []
  const { errno } = yield* vcpu.transfer(KVM_SET_ONE_REG, KVM_REG_ARM64_SVE_VLS, wanted)
  const kept = yield* vcpu.transfer(KVM_GET_ONE_REG, KVM_REG_ARM64_SVE_VLS, Buffer.alloc(wanted.length))
  if (errno === 0 && kept.value?.equals(wanted) === true) return []
  const cause = errnoName(errno === 0 ? kept.errno : errno)
  const refused = { register: 'KVM_REG_ARM64_SVE_VLS', wanted: lengths.join(','), cause }
  return [refusal({ reason: 'FieldRefused', ...refused })]
}

/** What a vCPU that was just INITed is to be, beside what the plan says. */
export type VcpuNature = {
  /** SVE was asked for. */
  readonly sve: boolean
  /** It is the first of its VM that is levelled: what it shows before is the VM's own. */
  readonly isFirst: boolean
  /** Features that the plan requires and it lacks: KVM_ARM_VCPU_FINALIZE fails for it, and before that it cannot run. */
  readonly lacks: readonly VcpuFeature[]
}

function* featureRefusals(vcpu: RegisterAccess, policy: LaunchPolicy): Script<readonly LaunchRefusal[]> {
  const registers = featureRegisters(policy)
  if (registers.size === 0) return []
  const reads = yield* vcpu.read([...registers.values()])
  const names = [...registers.keys()]
  return enabledFeatureRefusals(
    policy,
    new Map(names.map((name, index) => [name, reads[index]?.value ?? 0n])),
  )
}

/** Makes a vCPU that was just INITed show what is planned. */
export function* levelVcpu(
  vcpu: RegisterAccess,
  policy: LaunchPolicy,
  nature: VcpuNature,
): Script<LevelledVcpu> {
  const features = nature.isFirst ? yield* featureRefusals(vcpu, policy) : []
  // Nothing is written: it would hide from the next INIT what was found.
  if (features.length > 0 && isStrict(policy)) return { writes: [], refusals: features }
  const registers = withoutFeatures(policy.registers, nature.lacks)
  const reads = yield* vcpu.read(registers.map(({ kvmRegisterId }) => kvmRegisterId))
  const decided = decideWrites(registers, reads)
  const written = yield* writeRegisters(vcpu, decided.writes)
  const lengths =
    nature.sve && policy.sveVectorLengths !== undefined
      ? yield* writeVectorLengths(vcpu, policy.sveVectorLengths)
      : []
  const kept = new Map(written.writes.map((write) => [write.register, write.kept]))
  return {
    writes: written.writes,
    refusals: [
      ...features,
      ...decided.refusals,
      ...written.refusals,
      ...lengths,
      ...(nature.lacks.length === 0 ? missingFeatures(policy, reads, kept) : []),
    ],
  }
}
