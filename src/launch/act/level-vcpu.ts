import type { Finding } from '../../api/finding.ts'
import { fieldMask } from '../../arm64/field.ts'
import { KVM_GET_ONE_REG, KVM_REG_ARM64_SVE_VLS, KVM_SET_ONE_REG } from '../../linux/abi/kvm.ts'
import { errnoName } from '../../linux/errno.ts'
import { decideWrites, type WantedWrite } from '../decide/decide-writes.ts'
import { differingFields, refusedFields } from '../decide/differing-fields.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import type { RegisterWrite } from '../decide/launch-recorder.ts'
import { missingFeatures } from '../decide/missing-features.ts'
import { refusal } from '../decide/refusal.ts'
import { sveVectorLengths } from '../decide/sve-vector-lengths.ts'
import type { VcpuAccess } from './vcpu-access.ts'

/** What levelling one vCPU came to. */
export type LevelledVcpu = {
  readonly writes: readonly RegisterWrite[]
  readonly findings: readonly Finding[]
}

/** A register that KVM refused as a whole is written field by field: what can be had is had, and the record names the rest. */
const writeByField = (vcpu: VcpuAccess, { planned, wanted }: WantedWrite, shown: bigint): bigint =>
  differingFields(planned.name, wanted, shown).reduce((kept, field) => {
    const value = (kept & ~fieldMask(field)) | (wanted & fieldMask(field))
    const [result] = vcpu.write([{ kvmRegisterId: planned.kvmRegisterId, value }])
    return result?.shown.value ?? kept
  }, shown)

const writeRegisters = (vcpu: VcpuAccess, wanted: readonly WantedWrite[]): LevelledVcpu => {
  const results = vcpu.write(
    wanted.map(({ planned, wanted: value }) => ({ kvmRegisterId: planned.kvmRegisterId, value })),
  )
  const writes = wanted.map((write, index) => {
    const shown = results[index]?.shown.value ?? write.before
    const kept = shown === write.wanted ? shown : writeByField(vcpu, write, shown)
    return { register: write.planned.name, wanted: write.wanted, before: write.before, kept, write }
  })
  return {
    writes,
    findings: writes
      .filter(({ wanted: value, kept }) => value !== kept)
      .flatMap(({ write, kept }) => refusedFields(write.planned, write.wanted, kept)),
  }
}

const writeVectorLengths = (vcpu: VcpuAccess, lengths: readonly number[]): Finding[] => {
  const wanted = sveVectorLengths(lengths)
  const shown = Buffer.alloc(wanted.length)
  const readErrno = vcpu.transfer(KVM_GET_ONE_REG, KVM_REG_ARM64_SVE_VLS, shown)
  // Writable until KVM_ARM_VCPU_FINALIZE; a reset finds it as it was written.
  if (readErrno === 0 && shown.equals(wanted)) return []
  const errno = vcpu.transfer(KVM_SET_ONE_REG, KVM_REG_ARM64_SVE_VLS, Buffer.from(wanted))
  return errno === 0
    ? []
    : [
        refusal({
          reason: 'FieldRefused',
          register: 'KVM_REG_ARM64_SVE_VLS',
          wanted: lengths.join(','),
          limit: errnoName(errno),
        }),
      ]
}

/** Makes a vCPU that was just INITed show what is planned; `sve`: whether it was asked for. Throws TraceeLost. */
export const levelVcpu = (vcpu: VcpuAccess, policy: LaunchPolicy, sve: boolean): LevelledVcpu => {
  const reads = vcpu.read(policy.registers.map(({ kvmRegisterId }) => kvmRegisterId))
  const decided = decideWrites(policy.registers, reads)
  const written = writeRegisters(vcpu, decided.writes)
  const lengths =
    sve && policy.sveVectorLengths !== undefined ? writeVectorLengths(vcpu, policy.sveVectorLengths) : []
  const kept = new Map(written.writes.map((write) => [write.register, write.kept]))
  return {
    writes: written.writes.map(({ register, wanted, before, kept }) => ({ register, wanted, before, kept })),
    findings: [...decided.findings, ...written.findings, ...lengths, ...missingFeatures(policy, reads, kept)],
  }
}
