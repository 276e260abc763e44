import type { LaunchRefusal } from '../../api/finding.ts'
import { toHex64 } from '../../api/hex64.ts'
import { remembered } from '../../plan/remembered.ts'
import { rawBits } from '../../arm64/field.ts'
import { differingFields } from './differing-fields.ts'
import { KeptRefusals } from './kept-refusals.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import type { RecorderState } from './recorder-state.ts'
import type { RefusalReason } from '../../catalogue/refusal-reasons.ts'
import type {
  LaunchFailure,
  LaunchOutcome,
  LaunchRecord,
  RegisterRecord,
  Verification,
} from './launch-record.ts'

/** What became of one register on one vCPU. */
export type RegisterWrite = {
  readonly register: string
  readonly wanted: bigint
  readonly before: bigint
  readonly kept: bigint
}

const isSameWrite = (a: RegisterWrite, b: RegisterWrite): boolean =>
  a.wanted === b.wanted && a.before === b.before && a.kept === b.kept

/** A write as text. Remembered: it is saved again with every call. */
const textOfWrite = remembered(
  ({ register, wanted, before, kept }: RegisterWrite) => `${register} ${wanted} ${before} ${kept}`,
)

const writeOf = (text: string): RegisterWrite => {
  const [register = '', wanted = 0n, before = 0n, kept = 0n] = text.split(' ')
  return { register, wanted: BigInt(wanted), before: BigInt(before), kept: BigInt(kept) }
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
        const raw = rawBits(value, field)
        return field.width > 32 ? toHex64(raw) : raw.toString()
      }
      return { field: field.name, wanted: of(wanted), before: of(before), kept: of(kept) }
    }),
  }
}

/** Failures that have an outcome of their own, by the reason of their refusal. */
const FAILURES: Readonly<Partial<Record<RefusalReason, LaunchFailure>>> = {
  VmmExited: 'vmm-exited',
  StopTimedOut: 'vmm-frozen',
  NotTraceable: 'vmm-traced-by-another',
  ProcessHasRunningVm: 'process-has-running-vm',
  LostSupervisor: 'lost-supervisor',
}

const failureOf = (refused: LaunchRefusal | undefined): LaunchFailure | undefined =>
  Object.entries(FAILURES).find(([reason]) => reason === refused?.reason)?.[1]

/** Refusals that say nothing of what a vCPU shows. */
const ASIDE: ReadonlySet<string> = new Set<RefusalReason>(['RanDuringStop', 'StopTakesLong'])

/** As many as a VMM has kinds of VMs. */
const MOST_VARIANTS = 16

/** Gathers what a launch does into its record, in bounded space. Repeated writes of a register keep the last. */
export class LaunchRecorder {
  readonly #policy: LaunchPolicy
  readonly #registers = new Map<string, RegisterWrite>()
  /** What was written to VMs, each different set once, by its text. */
  readonly #variants = new Map<string, readonly RegisterWrite[]>()
  readonly #refused: KeptRefusals
  readonly #calls = new Map<string, { call: string; answer: string; count: number }>()
  readonly #steps = new Map<string, { count: number; microseconds: number }>()
  #process = { pid: 0, command: '' }
  #answered = false
  #vms = 0
  #vcpus = 0
  #failure: LaunchFailure | undefined
  #verification: Verification | undefined
  /** A process of which a VM was seen that has run. */
  #ran: number | undefined

  /** `state`: what a recorder before it had gathered. */
  constructor(policy: LaunchPolicy, state?: RecorderState) {
    this.#policy = policy
    this.#refused = new KeptRefusals(state?.findingsLeftOut)
    if (state === undefined) return
    for (const text of state.registers) {
      const write = writeOf(text)
      this.#registers.set(write.register, write)
    }
    for (const texts of state.variants) this.#variants.set(texts.join(), texts.map(writeOf))
    this.addRefusals(state.refused, false)
    for (const call of state.calls) this.#calls.set(`${call.call}\n${call.answer}`, { ...call })
    for (const { step, ...cost } of state.steps) this.#steps.set(step, cost)
    this.#process = state.process
    this.#answered = state.answered
    this.#vms = state.vms
    this.#vcpus = state.vcpus
    this.#failure = state.failure
  }

  /** All that was gathered, but for what is seen of running VMs, which are looked at anew. */
  state(): RecorderState {
    return {
      registers: [...this.#registers.values()].map(textOfWrite),
      variants: [...this.#variants.values()].map((writes) => writes.map(textOfWrite)),
      refused: this.#refused.all,
      calls: [...this.#calls.values()],
      steps: [...this.#steps].map(([step, cost]) => ({ step, ...cost })),
      process: this.#process,
      answered: this.#answered,
      vms: this.#vms,
      vcpus: this.#vcpus,
      ...(this.#failure !== undefined && { failure: this.#failure }),
      ...this.#findingsLeftOut,
    }
  }

  addVm(process: { pid: number; command: string }): void {
    this.#vms++
    this.#process = process
  }

  addVcpu(writes: readonly RegisterWrite[]): void {
    this.#vcpus++
    if (writes.length > 0 && this.#variants.size < MOST_VARIANTS)
      this.#variants.set(writes.map(textOfWrite).join(), writes)
    for (const write of writes) {
      // Of two that are the same the first has its text already.
      const known = this.#registers.get(write.register)
      if (known === undefined || !isSameWrite(known, write)) this.#registers.set(write.register, write)
    }
  }

  /** `failed`: the launch was made to fail for it. */
  addRefusals(refusals: readonly LaunchRefusal[], failed: boolean): void {
    for (const refused of refusals) this.#refused.add(refused)
    if (failed) this.#failure ??= failureOf(refusals[0]) ?? 'refused'
  }

  /** The VMM was told something else than KVM says. */
  addAnswer(): void {
    this.#answered = true
  }

  addCall(call: string, answer: string): void {
    const key = `${call}\n${answer}`
    this.#calls.set(key, { call, answer, count: (this.#calls.get(key)?.count ?? 0) + 1 })
  }

  addStep(step: string, microseconds: number): void {
    const { count, microseconds: before } = this.#steps.get(step) ?? { count: 0, microseconds: 0 }
    this.#steps.set(step, { count: count + 1, microseconds: before + microseconds })
  }

  /** Undefined: what was verified is not said any more. */
  setVerification(verification: Verification | undefined): void {
    this.#verification = verification
  }

  /** A VM of this process has run. Whether that is news. */
  setRan(pid: number): boolean {
    if (this.#ran === pid) return false
    this.#ran = pid
    return true
  }

  /** How many different refusals were kept. */
  get refusals(): number {
    return this.#refused.count
  }

  /** What KVM kept of the writes to a VM, by register: each set that a VM of the launch may have. */
  get kept(): readonly ReadonlyMap<string, bigint>[] {
    const all = [...this.#registers.values()]
    return [...this.#variants.values(), all].map(
      (writes) => new Map(writes.map(({ register, kept }) => [register, kept])),
    )
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
      hidden: [...this.#policy.hiddenCapabilities.values()],
      registers: [...this.#registers.values()].map(registerRecord),
      refused: this.#refused.all,
      calls: [...this.#calls.values()],
      steps: [...this.#steps].map(([step, { count, microseconds }]) => ({
        step,
        count,
        microseconds: Math.round(microseconds),
      })),
      ...(this.#ran === undefined ? {} : { ran: this.#ran }),
      ...this.#findingsLeftOut,
      ...(this.#verification === undefined ? {} : { verification: this.#verification }),
    }
  }

  get #findingsLeftOut(): Pick<LaunchRecord, 'findingsLeftOut'> {
    const { leftOut } = this.#refused
    return leftOut > 0 ? { findingsLeftOut: leftOut } : {}
  }

  /** Where none was levelled: there was no VM, or under BestEffort one went on without us. */
  #outcomeWithoutVcpu(): LaunchOutcome {
    const [refused] = this.#lacking
    return refused === undefined ? 'no-vm' : (failureOf(refused) ?? 'partly-applied')
  }

  /** What a vCPU lacks of what was planned. */
  get #lacking(): readonly LaunchRefusal[] {
    return this.#refused.all.filter(({ reason }) => !ASIDE.has(reason))
  }

  #outcome(): LaunchOutcome {
    if (this.#failure !== undefined) return this.#failure
    if (this.#vcpus === 0) return this.#outcomeWithoutVcpu()
    if (this.#verification !== undefined && this.#verification.different.length > 0) return 'different'
    if (this.#lacking.length > 0) return 'partly-applied'
    if (this.#verification !== undefined) return 'verified'
    const hides = this.#policy.hiddenCapabilities.size > 0
    return this.#registers.size === 0 && !this.#answered && !hides ? 'not-needed' : 'applied'
  }
}
