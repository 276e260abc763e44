import { negativeErrno } from '../../linux/errno.ts'

/**
 * What a thread of the VMM runs to make many system calls between two stops: x19 points to the table, x20 is the number of
 * entries. It neither calls nor returns, and touches no stack: pointer authentication, branch targets and shadow stacks do not
 * matter to it.
 */
export const BATCH_PROGRAM: readonly number[] = [
  0xb4000154, //  loop: cbz x20, done
  0xf9400268, //        ldr x8, [x19]
  0xa9408660, //        ldp x0, x1, [x19, #8]
  0xa9418e62, //        ldp x2, x3, [x19, #24]
  0xa9429664, //        ldp x4, x5, [x19, #40]
  0xd4000001, //        svc #0
  0xf9001e60, //        str x0, [x19, #56]
  0x91010273, //        add x19, x19, #64
  0xd1000694, //        sub x20, x20, #1
  0x17fffff7, //        b loop
  0xd4200000, //  done: brk #0
  0xd503201f, //        nop, to a whole number of words of 64 bits
]

/** Where the program stops, in bytes from its start. */
export const BATCH_END = 40n

/** An entry of the table: {number, x0 to x5, result}, u64 each. */
export const BATCH_ENTRY = { size: 64, args: 8, result: 56 } as const

/** A system call to be made: its number and up to six arguments. */
export type BatchCall = { readonly number: number; readonly args: readonly (number | bigint)[] }

const WORDS = BATCH_ENTRY.size / 8
const RESULT_WORD = BATCH_ENTRY.result / 8
const EINTR = negativeErrno('EINTR')

/**
 * The table of these calls. Each result is EINTR until its call was made. Typed arrays, which store modulo 2^64 and little-endian as
 * every arm64 Linux is: the methods of Buffer take many times as long, and a launch has hundreds of words.
 */
export const batchTable = (calls: readonly BatchCall[]): Buffer => {
  const words = new BigUint64Array(calls.length * WORDS)
  let at = 0
  for (const { number, args } of calls) {
    words[at] = BigInt(number)
    let place = at
    for (const argument of args) words[++place] = BigInt(argument)
    words[at + RESULT_WORD] = EINTR
    at += WORDS
  }
  return Buffer.from(words.buffer)
}

/** The results in a table, each as the call returned it: negative is -errno. */
export const batchResults = (table: Buffer): bigint[] => {
  const words = new BigInt64Array(Uint8Array.from(table).buffer)
  return Array.from(
    { length: words.length / WORDS },
    (_, index) => words[index * WORDS + RESULT_WORD] ?? EINTR,
  )
}

/** The program as words of 64 bits, as PTRACE_POKEDATA takes them. */
export const batchProgramWords = (): bigint[] => [
  ...new BigUint64Array(Uint32Array.from(BATCH_PROGRAM).buffer),
]
