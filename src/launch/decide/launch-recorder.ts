import type { Finding } from '../../api/finding.ts'
import { toHex64 } from '../../api/hex64.ts'
import { fieldMask } from '../../arm64/field.ts'
import { differingFields } from './differing-fields.ts'
import type { LaunchPolicy } from './launch-policy.ts'
import type { LaunchOutcome, LaunchRecord, RegisterRecord, Verification } from './launch-record.ts'

/** What became of one register on one vCPU. */
export type RegisterWrite = {
  readonly register: string
  readonly wanted: bigint
  readonly before: bigint
  readonly kept: bigint
}

const registerRecord = ({ register, wanted, before, kept }: RegisterWrite): RegisterRecord => {
  const names = new Map(
    [...differingFields(register, wanted, before), ...differingFields(register, wanted, kept)].map(
      (field) => [field.name, field],
    ),
  )
  return {
    register,
    wanted: toHex64(wanted),
    before: toHex64(before),
    kept: toHex64(kept),
    fields: [...names.values()].map((field) => {
      const of = (value: bigint): string => {
        const raw = (value & fieldMask(field)) >> BigInt(field.shift)
        return field.width > 32 ? toHex64(raw) : raw.toString()
      }
      return { field: field.name, wanted: of(wanted), before: of(before), kept: of(kept) }
    }),
  }
}

/** Gathers what a launch does into its record. Repeated writes of a register keep the last; repeated findings are kept once. */
export class LaunchRecorder {
  readonly #policy: LaunchPolicy
  readonly #registers = new Map<string, RegisterWrite>()
  readonly #refused = new Map<string, Finding>()
  readonly #calls = new Map<string, { call: string; answer: string; count: number }>()
  readonly #steps = new Map<string, { count: number; microseconds: number }>()
  #process = { pid: 0, command: '' }
  #vms = 0
  #vcpus = 0
  #failed = false
  #verification: Verification | undefined

  constructor(policy: LaunchPolicy) {
    this.#policy = policy
  }

  addVm(process: { pid: number; command: string }): void {
    this.#vms++
    this.#process = process
  }

  addVcpu(writes: readonly RegisterWrite[]): void {
    this.#vcpus++
    for (const write of writes) this.#registers.set(write.register, write)
  }

  /** `failed`: the launch was made to fail for it. */
  addFindings(findings: readonly Finding[], failed: boolean): void {
    for (const finding of findings) this.#refused.set(JSON.stringify(finding), finding)
    this.#failed ||= failed
  }

  addCall(call: string, answer: string): void {
    const key = `${call}\n${answer}`
    this.#calls.set(key, { call, answer, count: (this.#calls.get(key)?.count ?? 0) + 1 })
  }

  addStep(step: string, microseconds: number): void {
    const { count, microseconds: before } = this.#steps.get(step) ?? { count: 0, microseconds: 0 }
    this.#steps.set(step, { count: count + 1, microseconds: before + microseconds })
  }

  setVerification(verification: Verification): void {
    this.#verification = verification
  }

  /** What was kept of each register that was written, by name. */
  get kept(): ReadonlyMap<string, bigint> {
    return new Map([...this.#registers.values()].map(({ register, kept }) => [register, kept]))
  }

  record(): LaunchRecord {
    return {
      formatVersion: 1,
      outcome: this.#outcome(),
      enforcement: this.#policy.enforcement,
      process: this.#process,
      vms: this.#vms,
      vcpus: this.#vcpus,
      planned: this.#policy.registers.map(({ name }) => name),
      registers: [...this.#registers.values()].map(registerRecord),
      refused: [...this.#refused.values()],
      calls: [...this.#calls.values()],
      steps: [...this.#steps].map(([step, { count, microseconds }]) => ({
        step,
        count,
        microseconds: Math.round(microseconds),
      })),
      ...(this.#verification === undefined ? {} : { verification: this.#verification }),
    }
  }

  #outcome(): LaunchOutcome {
    if (this.#failed) return 'refused'
    if (this.#vcpus === 0) return 'no-vm'
    if (this.#verification !== undefined && this.#verification.different.length > 0) return 'different'
    if (this.#refused.size > 0) return 'partly-applied'
    if (this.#verification !== undefined) return 'verified'
    const hidden = [...this.#calls.values()].some(({ answer }) => answer.startsWith('returns'))
    return this.#registers.size === 0 && !hidden ? 'not-needed' : 'applied'
  }
}
