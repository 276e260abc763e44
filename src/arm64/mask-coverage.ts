import { withoutBits } from './bits.ts'
import { fieldsMask } from './field.ts'
import { registerByName } from './register.ts'

/** The bits of a writable mask that fall in no field we know; the whole mask if the register is unknown, and 0n if all bits are known. */
export const unknownMaskBits = (registerName: string, mask: bigint): bigint => {
  const fields = registerByName(registerName)?.fields ?? []
  return withoutBits(mask, fieldsMask(fields))
}
