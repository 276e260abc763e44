import { readFileSync } from 'node:fs'
import { fromHex64, toHex64 } from '../../src/api/hex64.ts'
import { GUEST_ENTRY, GUEST_MEMORY_SIZE, writeGuestProgram } from '../../src/discovery/guest-program.ts'
import { openScratchVm } from '../../src/discovery/scratch-vm.ts'
import type { ScratchVm } from '../../src/discovery/scratch-vm.ts'
import { errnoName, SystemCallError } from '../../src/linux/errno.ts'
import { KVM_REG_ARM64_PC } from '../../src/linux/abi/kvm.ts'
import type { FinalisedVcpu } from '../../src/linux/kvm/finalised-vcpu.ts'
import { Kvm } from '../../src/linux/kvm/kvm.ts'
import { mapAnonymous } from '../../src/linux/kvm/mapped-memory.ffi.ts'
import { levelled } from '../../src/plan/level.ts'
import { readPlan } from '../../src/plan/read-plan.ts'
import type { ResolvedPlan } from '../../src/plan/read-plan.ts'
import { requiredVcpuFeatures } from '../../src/profile/spec/vcpu-policies.ts'
import { replayJob } from './replay-job.ts'
import type { ReplayAnswer, ReplayJob, Stream } from './replay-job.ts'

/*
 * Runs in an emulated host: reads jobs from standard input, a JSON list, and prints the answers. A source levels a VM as a launch does,
 * runs it, and reads every register of the levelled list. A destination levels a VM likewise and writes them back as QEMU's incoming side
 * does (write_list_to_kvmstate, target/arm/kvm.c, 10.0): by ascending id; the first that its list lacks or KVM refuses ends it.
 */

// CTR_EL0, DCZID_EL0, CNTFRQ_EL0, CLIDR_EL1, CCSIDR_EL1: what a kernel reads of caches and timers first.
const TOUCHED = [
  { op0: 3, op1: 3, crn: 0, crm: 0, op2: 1 },
  { op0: 3, op1: 3, crn: 0, crm: 0, op2: 7 },
  { op0: 3, op1: 3, crn: 14, crm: 0, op2: 0 },
  { op0: 3, op1: 1, crn: 0, crm: 0, op2: 1 },
  { op0: 3, op1: 1, crn: 0, crm: 0, op2: 0 },
]

// KVM_REG_SIZE, include/uapi/linux/kvm.h: bits 55:52 are the logarithm of the bytes.
const isWide = (id: bigint): boolean => ((id >> 52n) & 0xfn) > 3n

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
  [...vcpu.getRegList()].filter((id) => !plan.excludedRegisters.has(id) && !isWide(id))

const save = (vm: ScratchVm, plan: ResolvedPlan): Stream => {
  using memory = mapAnonymous(GUEST_MEMORY_SIZE)
  writeGuestProgram(memory.bytes, TOUCHED)
  vm.vm.setUserMemoryRegion({ slot: 0, guestAddress: 0n, memory })
  vm.vcpu.setOneReg(KVM_REG_ARM64_PC, GUEST_ENTRY)
  const vcpu = vm.vcpu.finalize()
  using running = vcpu.map()
  for (const register of TOUCHED) {
    const { kind } = running.run()
    if (kind !== 'mmio-write') throw new Error(`the guest did not read ${JSON.stringify(register)}`)
  }
  return listOf(vcpu, plan).map((id) => ({
    id: toHex64(id),
    value: toHex64(vcpu.registers.getOneReg(id)),
  }))
}

const load = (vm: ScratchVm, plan: ResolvedPlan, stream: Stream): ReplayAnswer => {
  const vcpu = vm.vcpu.finalize()
  const listed = new Set(listOf(vcpu, plan))
  const registers = stream
    .map(({ id, value }) => ({ id: fromHex64(id), value: fromHex64(value) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const { id } of registers) if (!listed.has(id)) return { refused: toHex64(id), errno: 'not listed' }
  for (const { id, value } of registers) {
    const errno = vcpu.registers.setOneReg(id, value)
    if (errno !== 0) return { refused: toHex64(id), errno: errnoName(errno) }
  }
  return { taken: registers.length }
}

const answer = (kvm: Kvm, job: ReplayJob): ReplayAnswer => {
  const plan = resolved(job)
  const { implementationId } = job
  using vm = openScratchVm(kvm, { vcpuFeatures: requiredVcpuFeatures(plan.vcpuFeatures), implementationId })
  const refused = level(vm, plan)
  if (refused !== undefined) return { wrong: refused }
  return job.stream === undefined ? { stream: save(vm, plan) } : load(vm, plan, job.stream)
}

using kvm = Kvm.open('/dev/kvm')
const jobs = replayJob.array().parse(JSON.parse(readFileSync(0, 'utf8')))
process.stdout.write(JSON.stringify(jobs.map((job) => answer(kvm, job))))
