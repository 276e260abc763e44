import { AARCH64_SYSCALLS } from '../../src/linux/abi/aarch64-syscalls.ts'
import {
  KVM_ARM_VCPU_INIT,
  KVM_CREATE_VM,
  KVM_GET_ONE_REG,
  KVM_GET_REG_LIST,
  KVM_SET_ONE_REG,
  KVM_VCPU_INIT,
} from '../../src/linux/abi/kvm.ts'
import type { CallSituation } from '../../src/launch/decide/call-situation.ts'
import type { VcpuState } from '../../src/launch/decide/vcpu-state.ts'
import type { LaunchFact } from '../../src/launch/record/launch-fact.ts'
import { encodeRegisterList } from '../../src/launch/decide/register-list.ts'
import type { Action, ResultOf, Script } from '../../src/launch/script/action.ts'
import { BATCH_ENTRY } from '../../src/launch/script/batch-program.ts'
import { FRESH_PROCESS } from '../fixtures/sample-situation.ts'

const EFAULT = -14n
const ENOENT = -2n
const EINVAL = -22n
/** Where its struct kvm_vcpu_init is, and where mmap puts pages. */
export const INIT_ADDRESS = 0x1000n
const SCRATCH_ADDRESS = 0x7000_0000n

export type LastAction = Extract<Action, { readonly do: 'answer' | 'resume' | 'let-go' | 'let-be' }>

/** Whether it lets a call go on: the last that is done to it. */
export const isLast = (action: Action): action is LastAction =>
  ['answer', 'resume', 'let-go', 'let-be'].includes(action.do)

type ToldAction = Extract<Action, { readonly do: 'note' | 'begin' | 'bind' }>
type AskedAction = Extract<
  Action,
  { readonly do: 'stop' | 'look' | 'ask-run' | 'save' | 'mark' | 'ask-waiting' }
>

const isTold = (action: Action): action is ToldAction => ['note', 'begin', 'bind'].includes(action.do)
const isAsked = (action: Action): action is AskedAction =>
  ['stop', 'look', 'ask-run', 'save', 'mark', 'ask-waiting'].includes(action.do)

/** The memory of a VMM: undefined, or false, where it has none. */
export type VmmMemory = {
  readonly read: (address: bigint, length: number) => Buffer | undefined
  readonly write: (address: bigint, from: Buffer) => boolean
}

/** What a simulated VMM and its KVM are like. */
export type SimulatedOptions = {
  /** Registers of its vCPU, by KVM id, as an INIT leaves them. */
  readonly registers: ReadonlyMap<bigint, bigint>
  /** What KVM keeps of a write: the value itself if not given. Undefined: EINVAL. */
  readonly keeps?: (id: bigint, value: bigint) => bigint | undefined
  /** The features it asks for at its INIT. */
  readonly features?: number
  /** Replaces the result of the n-th action (from 0), after it was done. */
  readonly disturbs?: (action: Action, index: number) => { readonly result: ResultOf<Action> } | undefined
  readonly traps?: boolean
  /** What its KVM does, in place of a KVM with one vCPU. `memory` is the VMM's. */
  readonly kvm?: (fd: number, request: number, argument: bigint, memory: VmmMemory) => bigint
  /** Does what a mark asks for. */
  readonly marks?: (state: VcpuState, label: number | undefined) => boolean
  /** What is known of its call, once it is stopped; a fresh process if not given. */
  readonly looks?: () => CallSituation
  /** Whether a vCPU has entered the guest, each time it is asked; false if not given. */
  readonly hasRun?: () => boolean
  /** Is told of each fact at once. */
  readonly notes?: (fact: LaunchFact) => void
  /** Whether what is known can be saved. */
  readonly saves?: () => boolean
}

/** A VMM's thread, its memory and one vCPU, for tests of scripts: does what a script asks for, and remembers. */
export class SimulatedVmm {
  readonly actions: Action[] = []
  readonly facts: LaunchFact[] = []
  readonly registers: Map<bigint, bigint>
  readonly #options: SimulatedOptions
  readonly #answers: Required<Pick<SimulatedOptions, 'traps' | 'looks' | 'hasRun' | 'saves' | 'marks'>>
  readonly #memory = new Map<bigint, Buffer>()
  readonly memory: VmmMemory = {
    read: (address, length) => this.#read(address, length),
    write: (address, from) => this.#write(address, from),
  }

  constructor(options: SimulatedOptions) {
    this.#options = options
    this.#answers = {
      traps: true,
      looks: () => FRESH_PROCESS,
      hasRun: () => false,
      saves: () => true,
      marks: () => true,
      ...options,
    }
    this.registers = new Map(options.registers)
    const init = Buffer.alloc(KVM_VCPU_INIT.size)
    init.writeUInt32LE(options.features ?? 0, KVM_VCPU_INIT.features)
    this.#memory.set(INIT_ADDRESS, init)
  }

  /** Runs a script to its end, or to before the action of that index: what it came to. `before`: what else happens before each. */
  run<T>(
    script: Script<T>,
    until = Infinity,
    before?: (action: Action, index: number) => void,
  ): T | undefined {
    let next = script.next()
    while (next.done !== true) {
      const index = this.actions.length
      if (index >= until) return undefined
      before?.(next.value, index)
      this.actions.push(next.value)
      const result = this.#perform(next.value)
      next = script.next((this.#options.disturbs?.(next.value, index) ?? { result }).result)
    }
    return next.value
  }

  #perform(action: Action): ResultOf<Action> {
    if (isLast(action)) return undefined
    if (isTold(action)) {
      if (action.do === 'note') this.#note(action.fact)
      return undefined
    }
    return isAsked(action) ? this.#answer(action) : this.#touch(action)
  }

  #note(fact: LaunchFact): void {
    this.facts.push(fact)
    this.#options.notes?.(fact)
  }

  #answer(action: AskedAction): ResultOf<AskedAction> {
    const { traps, looks, hasRun, saves, marks } = this.#answers
    switch (action.do) {
      case 'stop':
        return { kind: 'stopped', traps }
      case 'look':
        return looks()
      case 'ask-run':
        return hasRun()
      case 'save':
        return saves()
      case 'mark':
        return marks(action.state, action.label)
      case 'ask-waiting':
        return true
      default:
        return action satisfies never
    }
  }

  #touch(action: Exclude<Action, LastAction | ToldAction | AskedAction>): ResultOf<Action> {
    switch (action.do) {
      case 'call':
        return this.#call(action.number, action.args.map(BigInt))
      case 'run':
        return this.#runTable(action.x19, Number(action.x20))
      case 'read':
        return this.#read(action.address, action.length)
      case 'write':
        return this.#write(action.address, action.bytes)
      case 'write-code':
        return true
      default:
        return action satisfies never
    }
  }

  #place(address: bigint, length: number): Buffer | undefined {
    for (const [base, bytes] of this.#memory) {
      const offset = Number(address - base)
      if (offset >= 0 && offset + length <= bytes.length) return bytes.subarray(offset, offset + length)
    }
    return undefined
  }

  #read(address: bigint, length: number): Buffer | undefined {
    const place = this.#place(address, length)
    return place && Buffer.from(place)
  }

  #write(address: bigint, from: Buffer): boolean {
    const place = this.#place(address, from.length)
    return place !== undefined && from.copy(place) === from.length
  }

  #call(number: number, args: readonly bigint[]): bigint {
    const [first = 0n, second = 0n, third = 0n] = args
    if (number === AARCH64_SYSCALLS.ioctl)
      return (
        this.#options.kvm?.(Number(first), Number(second), third, this.memory) ??
        this.#ioctl(Number(second), third)
      )
    if (number !== AARCH64_SYSCALLS.mmap) return 0n
    this.#memory.set(SCRATCH_ADDRESS, Buffer.alloc(Number(second)))
    return SCRATCH_ADDRESS
  }

  #ioctl(request: number, argument: bigint): bigint {
    switch (request) {
      case KVM_CREATE_VM:
        return 7n
      case KVM_ARM_VCPU_INIT:
        return this.#place(argument, KVM_VCPU_INIT.size) === undefined ? EFAULT : 0n
      case KVM_GET_ONE_REG:
      case KVM_SET_ONE_REG:
        return this.#oneRegister(request, argument)
      case KVM_GET_REG_LIST:
        return this.#write(argument, encodeRegisterList([...this.registers.keys()])) ? 0n : EFAULT
      default:
        return 0n
    }
  }

  #oneRegister(request: number, argument: bigint): bigint {
    const one = this.#place(argument, 16)
    const place = one && this.#place(one.readBigUInt64LE(8), 8)
    if (one === undefined || place === undefined) return EFAULT
    const id = one.readBigUInt64LE(0)
    const value = this.registers.get(id)
    if (value === undefined) return ENOENT
    if (request === KVM_GET_ONE_REG) {
      place.writeBigUInt64LE(value)
      return 0n
    }
    const { keeps = (_: bigint, written: bigint): bigint => written } = this.#options
    const kept = keeps(id, place.readBigUInt64LE())
    if (kept === undefined) return EINVAL
    this.registers.set(id, kept)
    return 0n
  }

  /** What the batch program does, see batch-program.ts. */
  #runTable(address: bigint, count: number): boolean {
    const table = this.#place(address, count * BATCH_ENTRY.size)
    if (table === undefined) return false
    for (let at = 0; at < table.length; at += BATCH_ENTRY.size) {
      const args = [0, 1, 2, 3, 4, 5].map((index) => table.readBigUInt64LE(at + BATCH_ENTRY.args + 8 * index))
      const result = this.#call(Number(table.readBigUInt64LE(at)), args)
      table.writeBigInt64LE(result, at + BATCH_ENTRY.result)
    }
    return true
  }
}
