/** One instruction of classic BPF: struct sock_filter, include/uapi/linux/filter.h. Jumps count from the next instruction. */
export type BpfInstruction = {
  readonly code: number
  readonly ifTrue: number
  readonly ifFalse: number
  readonly k: number
}

/** The three operations our filters are made of: BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K. */
export const BPF_LOAD_WORD = 0x20
export const BPF_JUMP_EQUAL = 0x15
export const BPF_RETURN = 0x06

const INSTRUCTION_SIZE = 8

/** The program as the kernel reads it: an array of struct sock_filter. */
export const encodeBpf = (program: readonly BpfInstruction[]): Buffer => {
  const bytes = Buffer.alloc(program.length * INSTRUCTION_SIZE)
  program.forEach(({ code, ifTrue, ifFalse, k }, index) => {
    const at = index * INSTRUCTION_SIZE
    bytes.writeUInt16LE(code, at)
    bytes.writeUInt8(ifTrue, at + 2)
    bytes.writeUInt8(ifFalse, at + 3)
    bytes.writeUInt32LE(k, at + 4)
  })
  return bytes
}
