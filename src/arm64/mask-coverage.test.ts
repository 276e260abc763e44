import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { unknownMaskBits } from './mask-coverage.ts'

const measured = readFileSync(new URL('../../facts/kvm_masks_measured.tsv', import.meta.url), 'utf8')

// KVM's AArch32 masks (all ones) and that of FPFR0 cover bits that the architecture reserves.
const RESERVED: Readonly<Record<string, bigint>> = {
  ID_ISAR0_EL1: 0xf000_0000n,
  ID_ISAR5_EL1: 0x00f0_0000n,
  ID_ISAR6_EL1: 0xf000_0000n,
  MVFR2_EL1: 0xffff_ff00n,
  ID_PFR2_EL1: 0xffff_f000n,
  ID_MMFR5_EL1: 0xffff_ff00n,
  ID_AA64FPFR0_EL1: 0xfcn,
}

describe('the bits of a writable mask that fall in no field', () => {
  it('are reserved ones, in every mask measured on real KVM', () => {
    for (const line of measured.trimEnd().split('\n').slice(1)) {
      const [register = '', , ...masks] = line.split('\t')
      for (const mask of masks) {
        const unknown = unknownMaskBits(register, BigInt(mask))
        assert.equal(unknown & ~(RESERVED[register] ?? 0n), 0n, `${register} ${mask}`)
      }
    }
  })

  it('are all of the mask where the register is unknown or unallocated', () => {
    assert.equal(unknownMaskBits('S3_0_C0_C3_3', 0xff00n), 0xff00n)
    assert.equal(unknownMaskBits('SCTLR_EL1', 1n), 1n)
  })
})
