import type { VcpuFeature } from '../../src/api/vcpu-feature.ts'
import type { Encoding } from '../../src/arm64/register.ts'
import { GUEST_ENTRY, GUEST_REPORT, writeGuestProgram } from '../../src/discovery/guest-program.ts'

/*
 * A guest that touches what a kernel touches at its start: registers of its own, caches, timers, floating point; counters, SVE and
 * pointer authentication where it has them. Each section ends with a store where there is no memory, which stops the guest.
 */

type Words = readonly number[]

// A64 encodings: Arm ARM, C6.2 and C8.2. X0 and X1 are scratch, X2 points to where the guest stores, X31 is zero.
const encoded = ({ op0, op1, crn, crm, op2 }: Encoding): number =>
  ((op0 & 1) << 19) | (op1 << 16) | (crn << 12) | (crm << 8) | (op2 << 5)
const mrs = (t: number, register: Encoding): number => 0xd5300000 | encoded(register) | t
const msr = (register: Encoding, t: number): number => 0xd5100000 | encoded(register) | t
const movz = (t: number, value: number, shift = 0): number =>
  0xd2800000 | ((shift / 16) << 21) | (value << 5) | t
const MOVN_W1 = 0x12800001
const ISB = 0xd5033fdf
const STORE_X0 = 0xf9000040
const BRANCH_TO_SELF = 0x14000000

const register = (name: string): Encoding => {
  const [op0 = 0, op1 = 0, crn = 0, crm = 0, op2 = 0] = (name.match(/\d+/g) ?? []).map(Number)
  return { op0, op1, crn, crm, op2 }
}

const write = (name: string, value: number, shift = 0): Words => [
  movz(1, value, shift),
  msr(register(name), 1),
]
const read = (name: string): Words => [mrs(0, register(name)), STORE_X0]

const KERNEL: Words = [
  msr(register('S2_0_C1_C0_4'), 31), // OSLAR_EL1
  ...write('S2_0_C0_C2_2', 1 << 12), // MDSCR_EL1.TDCC
  ...write('S3_0_C10_C2_0', 0x44ff), // MAIR_EL1
  ...write('S3_0_C2_C0_2', 0x19), // TCR_EL1
  ...write('S3_0_C2_C0_0', 0x3000), // TTBR0_EL1
  ...write('S3_0_C13_C0_1', 0x11), // CONTEXTIDR_EL1
  ...write('S3_0_C13_C0_4', 0x22), // TPIDR_EL1
  ...write('S3_3_C13_C0_2', 0x33), // TPIDR_EL0
  ...read('S3_0_C1_C0_0'), // SCTLR_EL1
]

const CACHES: Words = [
  ...read('S3_3_C0_C0_1'), // CTR_EL0
  ...read('S3_3_C0_C0_7'), // DCZID_EL0
  ...read('S3_1_C0_C0_1'), // CLIDR_EL1
  ...[0, 1, 2].flatMap((level) => [
    ...write('S3_2_C0_C0_0', level), // CSSELR_EL1
    ISB,
    ...read('S3_1_C0_C0_0'), // CCSIDR_EL1
  ]),
]

const TIMERS: Words = [
  ...read('S3_3_C14_C0_0'), // CNTFRQ_EL0
  ...write('S3_0_C14_C1_0', 1 << 1), // CNTKCTL_EL1.EL0VCTEN
  ...write('S3_3_C14_C3_2', 0x1000), // CNTV_CVAL_EL0
  ...write('S3_3_C14_C3_1', 3), // CNTV_CTL_EL0: enabled, and masked
  ...read('S3_3_C14_C0_2'), // CNTVCT_EL0
]

const FLOATING_POINT: Words = [
  ...write('S3_0_C1_C0_2', 3 << 4, 16), // CPACR_EL1.FPEN
  ISB,
  0x1e6e1000, // FMOV D0, #1.0
  ...write('S3_3_C4_C4_0', 1 << 8, 16), // FPCR.FZ
  ...read('S3_3_C4_C4_0'),
]

const COUNTERS: Words = [
  ...write('S3_3_C9_C14_0', 1), // PMUSERENR_EL0.EN
  ...write('S3_3_C9_C12_5', 0), // PMSELR_EL0
  ...write('S3_3_C14_C12_0', 0x11), // PMEVTYPER0_EL0
  MOVN_W1,
  msr(register('S3_3_C9_C12_1'), 1), // PMCNTENSET_EL0: all there are
  msr(register('S3_0_C9_C14_2'), 1), // PMINTENCLR_EL1
  ...write('S3_3_C9_C12_0', 0x47), // PMCR_EL0: LC, C, P, E
  ...read('S3_3_C9_C12_0'),
  ...read('S3_3_C9_C12_6'), // PMCEID0_EL0
  ...read('S3_3_C9_C13_0'), // PMCCNTR_EL0
]

const SVE: Words = [
  ...write('S3_0_C1_C0_2', 0x33, 16), // CPACR_EL1.FPEN and ZEN
  ISB,
  ...write('S3_0_C1_C2_0', 0xf), // ZCR_EL1
  ISB,
  0x2518e3e0, // PTRUE P0.B
  0x2538c020, // DUP Z0.B, #1
  0x252c9000, // SETFFR
  0x04bf5020, // RDVL X0, #1
  STORE_X0,
]

const POINTER_AUTHENTICATION: Words = [
  ...write('S3_0_C2_C1_0', 0x1234), // APIAKeyLo_EL1
  ...write('S3_0_C2_C1_1', 0x5678), // APIAKeyHi_EL1
  mrs(1, register('S3_0_C1_C0_0')),
  0xb2610021, // ORR X1, X1, #SCTLR_EL1.EnIA
  msr(register('S3_0_C1_C0_0'), 1),
  ISB,
  movz(0, 0x4000),
  0xdac10020, // PACIA X0, X1
  STORE_X0,
]

const wordsOf = (features: readonly VcpuFeature[]): Words => [
  movz(2, Number(GUEST_REPORT) >> 16, 16),
  msr(register('S3_0_C12_C0_0'), 31), // VBAR_EL1
  ...[...KERNEL, ...CACHES, ...TIMERS, ...FLOATING_POINT],
  ...(features.includes('pmu') ? COUNTERS : []),
  ...(features.includes('sve') ? SVE : []),
  ...(features.includes('pointerAuthentication') ? POINTER_AUTHENTICATION : []),
]

/** Puts the guest into `memory`. It stores so many times at GUEST_REPORT; after an exception, elsewhere. */
export const writeTouchingGuest = (memory: Uint8Array, features: readonly VcpuFeature[]): number => {
  writeGuestProgram(memory, [])
  const words = wordsOf(features)
  const view = new DataView(memory.buffer, memory.byteOffset + Number(GUEST_ENTRY))
  for (const [index, word] of [...words, BRANCH_TO_SELF].entries())
    view.setUint32(index * 4, word >>> 0, true)
  return words.filter((word) => word === STORE_X0).length
}
