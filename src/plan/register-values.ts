import type { MaskedRegister } from '../api/finding.ts'
import { toHex64 } from '../api/hex64.ts'
import { SPECIFIABLE_REGISTERS } from './specifiable.ts'

/** Specified bits of a register: `value` is 0 outside `mask`. */
export type SpecifiedBits = { readonly mask: bigint; readonly value: bigint }

/** Specified bits by register name. */
export type SpecifiedRegisters = ReadonlyMap<string, SpecifiedBits>

/** The same in the form of a plan: in the order of KVM's mask array, without registers of which no bit is specified. */
export const toMaskedRegisters = (registers: SpecifiedRegisters): MaskedRegister[] =>
  SPECIFIABLE_REGISTERS.flatMap(({ name }) => {
    const bits = registers.get(name)
    if (bits === undefined || bits.mask === 0n) return []
    return [{ register: name, mask: toHex64(bits.mask), value: toHex64(bits.value & bits.mask) }]
  })
