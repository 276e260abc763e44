/** struct user_pt_regs {u64 regs[31], sp, pc, pstate}, arch/arm64/include/uapi/asm/ptrace.h: what NT_PRSTATUS carries. */
export const USER_PT_REGS = { size: 272, x0: 0, x8: 64, pc: 256 } as const

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

  copyFrom(other: UserRegisters): void {
    other.bytes.copy(this.bytes)
  }
}
