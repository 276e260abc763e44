/** struct user_pt_regs {u64 regs[31], sp, pc, pstate}, arch/arm64/include/uapi/asm/ptrace.h: what NT_PRSTATUS carries. */
export const USER_PT_REGS = { size: 272, x0: 0, x8: 64, x19: 152, x20: 160, pc: 256, pstate: 264 } as const

/** PSR_BTYPE_MASK, arch/arm64/include/uapi/asm/ptrace.h. */
const PSR_BTYPE_MASK = 0xc00n

/** The general registers of a stopped thread. */
export class UserRegisters {
  readonly bytes: Buffer

  constructor(bytes: Buffer = Buffer.alloc(USER_PT_REGS.size)) {
    this.bytes = bytes
  }

  get x0(): bigint {
    return this.bytes.readBigInt64LE(USER_PT_REGS.x0)
  }

  set x0(value: bigint) {
    this.bytes.writeBigInt64LE(value, USER_PT_REGS.x0)
  }

  get x8(): bigint {
    return this.bytes.readBigUInt64LE(USER_PT_REGS.x8)
  }

  get pc(): bigint {
    return this.bytes.readBigUInt64LE(USER_PT_REGS.pc)
  }

  set pc(value: bigint) {
    this.bytes.writeBigUInt64LE(value, USER_PT_REGS.pc)
  }

  /** Makes these the registers of a system call about to be made at `svc`. Arguments wrap to 64 bits. */
  setCall(svc: bigint, call: number, args: readonly (number | bigint)[]): void {
    args.forEach((argument, index) => {
      this.bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(argument)), USER_PT_REGS.x0 + 8 * index)
    })
    this.bytes.writeBigUInt64LE(BigInt(call), USER_PT_REGS.x8)
    this.pc = svc
  }

  /** Makes these the registers of a jump to `pc`, with x19 and x20 set. A branch target type left over in PSTATE is cleared. */
  setJump(pc: bigint, x19: bigint, x20: bigint): void {
    this.bytes.writeBigUInt64LE(x19, USER_PT_REGS.x19)
    this.bytes.writeBigUInt64LE(x20, USER_PT_REGS.x20)
    const pstate = this.bytes.readBigUInt64LE(USER_PT_REGS.pstate)
    this.bytes.writeBigUInt64LE(pstate & ~PSR_BTYPE_MASK, USER_PT_REGS.pstate)
    this.pc = pc
  }

  copyFrom(other: UserRegisters): void {
    other.bytes.copy(this.bytes)
  }
}
