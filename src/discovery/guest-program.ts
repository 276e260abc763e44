import type { Encoding } from '../arm64/register.ts'

/** Where the guest's memory is: 64 KiB from 0, a whole page at every page size; the first 2 KiB are its exception vectors. */
export const GUEST_MEMORY_SIZE = 0x1_0000
/** Where the guest begins. */
export const GUEST_ENTRY = 0x1000n
/** An address without memory, so a store there stops the guest. It stores the n-th value at n * 8 from here. */
export const GUEST_REPORT = 0x2_0000n
/** Where it stores after an exception. */
export const GUEST_EXCEPTION = GUEST_REPORT + 0x800n

const VECTORS = 16
const VECTOR_SIZE = 0x80

// A64 encodings: Arm ARM, C6.2.
/** MRS Xt, S<op0>_<op1>_C<crn>_C<crm>_<op2> */
const mrs = (t: number, { op0, op1, crn, crm, op2 }: Encoding): number =>
  (0xd5300000 | ((op0 & 1) << 19) | (op1 << 16) | (crn << 12) | (crm << 8) | (op2 << 5) | t) >>> 0
/** MSR VBAR_EL1, XZR */
const MSR_VBAR_XZR = 0xd518c01f
/** MOVZ X2, #(GUEST_REPORT >> 16), LSL #16 */
const MOVZ_X2_REPORT = 0xd2a00000 | ((Number(GUEST_REPORT) >> 16) << 5) | 2
/** STR Xt, [X2, #offset] */
const storeAt = (t: number, offset: number): number => 0xf9000000 | ((offset / 8) << 10) | (2 << 5) | t
/** B . */
const BRANCH_TO_SELF = 0x14000000

const write = (memory: DataView, offset: number, words: readonly number[]): void => {
  words.forEach((word, index) => {
    memory.setUint32(offset + index * 4, word >>> 0, true)
  })
}

/**
 * Puts into `memory` (GUEST_MEMORY_SIZE bytes) a guest that reads each of `registers` and stores it at GUEST_REPORT. An
 * exception, as an undefined register gives, ends in a store at GUEST_EXCEPTION: the guest always stops, and never hangs.
 */
export const writeGuestProgram = (memory: Uint8Array, registers: readonly Encoding[]): void => {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength)
  const exception = [MOVZ_X2_REPORT, storeAt(2, Number(GUEST_EXCEPTION - GUEST_REPORT)), BRANCH_TO_SELF]
  for (let vector = 0; vector < VECTORS; vector++) write(view, vector * VECTOR_SIZE, exception)
  write(view, Number(GUEST_ENTRY), [
    MSR_VBAR_XZR,
    MOVZ_X2_REPORT,
    ...registers.flatMap((register, index) => [mrs(0, register), storeAt(0, index * 8)]),
    BRANCH_TO_SELF,
  ])
}
