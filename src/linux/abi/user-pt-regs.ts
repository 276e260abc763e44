/** struct user_pt_regs {u64 regs[31], sp, pc, pstate}, arch/arm64/include/uapi/asm/ptrace.h: what NT_PRSTATUS carries. */
export const USER_PT_REGS = { size: 272, x0: 0, x8: 64, x19: 152, x20: 160, pc: 256, pstate: 264 } as const

/** PSR_BTYPE_MASK, arch/arm64/include/uapi/asm/ptrace.h. */
const PSR_BTYPE_MASK = 0xc00n

/** The general registers of a stopped thread. It uses arrays of words, because the methods of Buffer are many times slower. */
export class UserRegisters {
  readonly bytes: Buffer
  readonly #words = new BigUint64Array(USER_PT_REGS.size / 8)

  constructor() {
    this.bytes = Buffer.from(this.#words.buffer)
  }

  /** A signed result. */
  get x0(): bigint {
    return BigInt.asIntN(64, this.#get(USER_PT_REGS.x0))
  }

  set x0(value: bigint) {
    this.#set(USER_PT_REGS.x0, value)
  }

  /** Whether a system call of this number and these arguments is about to be made, or made again. */
  isCall(call: number, args: readonly bigint[]): boolean {
    return (
      this.#get(USER_PT_REGS.x8) === BigInt(call) &&
      args.every((argument, index) => this.#get(USER_PT_REGS.x0 + 8 * index) === argument)
    )
  }

  get pc(): bigint {
    return this.#get(USER_PT_REGS.pc)
  }

  set pc(value: bigint) {
    this.#set(USER_PT_REGS.pc, value)
  }

  /** Makes these the registers of a system call about to be made at `svc`. Arguments wrap to 64 bits. */
  setCall(svc: bigint, call: number, args: readonly (number | bigint)[]): void {
    let offset: number = USER_PT_REGS.x0
    for (const argument of args) {
      this.#set(offset, BigInt(argument))
      offset += 8
    }
    this.#set(USER_PT_REGS.x8, BigInt(call))
    this.pc = svc
  }

  /** Makes these the registers of a jump to `pc`, with x19 and x20 set. Clears a branch target type that is left over in PSTATE. */
  setJump(pc: bigint, x19: bigint, x20: bigint): void {
    this.#set(USER_PT_REGS.x19, x19)
    this.#set(USER_PT_REGS.x20, x20)
    this.#set(USER_PT_REGS.pstate, this.#get(USER_PT_REGS.pstate) & ~PSR_BTYPE_MASK)
    this.pc = pc
  }

  copyFrom(other: UserRegisters): void {
    this.#words.set(other.#words)
  }

  #get(offset: number): bigint {
    return this.#words[offset / 8] ?? 0n
  }

  /** Modulo 2^64, as typed arrays store. */
  #set(offset: number, value: bigint): void {
    this.#words[offset / 8] = value
  }
}
