import { readFileSync } from 'node:fs'
import { fromHex64, toHex64 } from '../../src/api/hex64.ts'
import { GUEST_ENTRY, GUEST_MEMORY_SIZE, GUEST_REPORT } from '../../src/discovery/guest-program.ts'
import { openScratchVm } from '../../src/discovery/scratch-vm.ts'
import type { ScratchVm } from '../../src/discovery/scratch-vm.ts'
import { sveVectorLengths as vectorLengths } from '../../src/launch/decide/sve-vector-lengths.ts'
import { errnoName, SystemCallError } from '../../src/linux/errno.ts'
import {
  KVM_ARM_VCPU_PMU_V3_CTRL,
  KVM_ARM_VCPU_PMU_V3_INIT,
  KVM_REG_ARM64_PC,
  KVM_REG_ARM64_SVE,
  KVM_REG_ARM64_SVE_VLS,
  KVM_REG_ARM_COPROC_MASK,
  KVM_REG_ARM_CORE,
} from '../../src/linux/abi/kvm.ts'
import type { FinalisedVcpu } from '../../src/linux/kvm/finalised-vcpu.ts'
import { Kvm } from '../../src/linux/kvm/kvm.ts'
import { mapAnonymous } from '../../src/linux/kvm/mapped-memory.ffi.ts'
import { levelled } from '../../src/plan/level.ts'
import { readPlan } from '../../src/plan/read-plan.ts'
import type { ResolvedPlan } from '../../src/plan/read-plan.ts'
import { requiredVcpuFeatures } from '../../src/profile/spec/vcpu-policies.ts'
import { replayJob } from './replay-job.ts'
import type { ReplayAnswer, ReplayJob, Stream } from './replay-job.ts'
import { writeTouchingGuest } from './touching-guest.ts'

/*
 * Runs in an emulated host: reads jobs from standard input, a JSON list, and prints the answers. A source levels a VM as a launch does,
 * runs it, and reads every register of the levelled list. A destination levels a VM likewise and writes them back as QEMU's incoming side
 * does (target/arm/kvm.c, 10.0): first what it keeps in its list, by ascending id (write_list_to_kvmstate); then core registers and
 * those of SVE (kvm_arch_put_registers). The first that its list lacks or that KVM refuses ends it.
 */

// KVM_REG_SIZE, include/uapi/linux/kvm.h: bits 55:52 are the logarithm of the bytes.
const wordsIn = (id: bigint): number => Math.max(1, 2 ** Number((id >> 52n) & 0xfn) / 8)

/** What QEMU does not keep in its list: kvm_arm_reg_syncs_via_cpreg_list. */
const isApart = (id: bigint): boolean => {
  const kind = id & KVM_REG_ARM_COPROC_MASK
  return kind === KVM_REG_ARM_CORE || kind === KVM_REG_ARM64_SVE
}

const resolved = ({ plan }: ReplayJob): ResolvedPlan => {
  const read = readPlan(plan)
  if (read.kind === 'unknown') throw new Error(`the plan names ${JSON.stringify(read.names)}`)
  return read.plan
}

const valueOf = ({ vcpu }: ScratchVm, id: bigint): bigint | undefined => {
  try {
    return vcpu.getOneReg(id)
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes what a launch writes; the name of the register that KVM refuses, if it refuses one. */
const level = (vm: ScratchVm, plan: ResolvedPlan): string | undefined => {
  const view = new Map(
    plan.registers.flatMap(({ name, kvmRegisterId }) => {
      const value = valueOf(vm, kvmRegisterId)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
  const wanted = levelled(plan.registers, view)
  for (const { name, kvmRegisterId } of plan.registers) {
    const value = wanted.get(name)
    if (value === undefined || value === view.get(name)) continue
    const errno = vm.vcpu.setOneReg(kvmRegisterId, value)
    if (errno !== 0) return `${name} = ${toHex64(value)}: ${errnoName(errno)}`
  }
  return undefined
}

const listOf = (vcpu: FinalisedVcpu, plan: ResolvedPlan): readonly bigint[] =>
  // The lengths can no longer be written: QEMU chooses them before, as a launch does.
  [...vcpu.getRegList()].filter((id) => !plan.excludedRegisters.has(id) && id !== KVM_REG_ARM64_SVE_VLS)

const finalised = ({ vcpu }: ScratchVm, { vcpuFeatures, sveVectorLengths }: ResolvedPlan): FinalisedVcpu => {
  if (vcpuFeatures.pmu === 'Required') vcpu.setDeviceAttr(KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_INIT)
  if (vcpuFeatures.sve === 'Required' && sveVectorLengths !== undefined) {
    const lengths = new BigUint64Array(new Uint8Array(vectorLengths(sveVectorLengths)).buffer)
    const errno = vcpu.setWideReg(KVM_REG_ARM64_SVE_VLS, lengths)
    if (errno !== 0) throw new Error(`SVE vector lengths ${sveVectorLengths.join()}: ${errnoName(errno)}`)
  }
  return vcpu.finalize()
}

const runGuest = (vcpu: FinalisedVcpu, stores: number): void => {
  using running = vcpu.map()
  for (let store = 0; store < stores; store += 1) {
    const exit = running.run()
    if (exit.kind !== 'mmio-write' || exit.address !== GUEST_REPORT)
      throw new Error(
        `the guest ended before its store ${store}: ${JSON.stringify(exit, (_, value: unknown) => String(value))}`,
      )
  }
}

const save = (vm: ScratchVm, plan: ResolvedPlan): Stream => {
  using memory = mapAnonymous(GUEST_MEMORY_SIZE)
  const stores = writeTouchingGuest(memory.bytes, requiredVcpuFeatures(plan.vcpuFeatures))
  vm.vm.setUserMemoryRegion({ slot: 0, guestAddress: 0n, memory })
  vm.vcpu.setOneReg(KVM_REG_ARM64_PC, GUEST_ENTRY)
  const vcpu = finalised(vm, plan)
  runGuest(vcpu, stores)
  return listOf(vcpu, plan).map((id) => ({
    id: toHex64(id),
    words: [...vcpu.registers.getWideReg(id, wordsIn(id))].map(toHex64),
  }))
}

const load = (vm: ScratchVm, plan: ResolvedPlan, stream: Stream): ReplayAnswer => {
  const vcpu = finalised(vm, plan)
  const listed = new Set(listOf(vcpu, plan))
  const registers = stream
    .map(({ id, words }) => ({ id: fromHex64(id), value: new BigUint64Array(words.map(fromHex64)) }))
    .sort((a, b) => Number(isApart(a.id)) - Number(isApart(b.id)) || (a.id < b.id ? -1 : 1))
  for (const { id } of registers)
    if (!isApart(id) && !listed.has(id)) return { refused: toHex64(id), errno: 'not listed' }
  for (const { id, value } of registers) {
    const errno = vcpu.registers.setWideReg(id, value)
    if (errno !== 0) return { refused: toHex64(id), errno: errnoName(errno) }
  }
  return { taken: registers.length }
}

const answered = (kvm: Kvm, job: ReplayJob): ReplayAnswer => {
  const plan = resolved(job)
  const { implementationId } = job
  using vm = openScratchVm(kvm, { vcpuFeatures: requiredVcpuFeatures(plan.vcpuFeatures), implementationId })
  const refused = level(vm, plan)
  if (refused !== undefined) return { wrong: refused }
  return job.stream === undefined ? { stream: save(vm, plan) } : load(vm, plan, job.stream)
}

const answer = (kvm: Kvm, job: ReplayJob): ReplayAnswer => {
  try {
    return answered(kvm, job)
  } catch (error) {
    if (error instanceof Error) return { wrong: error.message }
    throw error
  }
}

using kvm = Kvm.open('/dev/kvm')
const jobs = replayJob.array().parse(JSON.parse(readFileSync(0, 'utf8')))
process.stdout.write(JSON.stringify(jobs.map((job) => answer(kvm, job))))
