import { fieldMask, getField } from './field.ts'
import { fieldNamed } from './register.ts'
import type { Field } from './field.ts'

const paRangeField = (): Field => {
  const field = fieldNamed('ID_AA64MMFR0_EL1', 'PARANGE')
  if (field === undefined) throw new Error('the table of registers has no ID_AA64MMFR0_EL1.PARANGE')
  return field
}

const PARANGE = paRangeField()

/** The bits of ID_AA64MMFR0_EL1 that say how large physical addresses are. */
export const PA_RANGE_MASK = fieldMask(PARANGE)

// Arm ARM, ID_AA64MMFR0_EL1.PARange.
const BITS = [32, 36, 40, 42, 44, 48, 52, 56]

/** The size of physical addresses, in bits, that a value of ID_AA64MMFR0_EL1 says; the largest where the encoding is reserved. */
export const paRangeBits = (value: bigint): number => BITS[getField(value, PARANGE)] ?? Math.max(...BITS)
