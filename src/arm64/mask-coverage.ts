import { withoutBits } from './bits.ts'
import { fieldsMask } from './field.ts'
import { registerByName } from './register.ts'

/** The bits of a writable mask that fall in no field we know; all of it where the register is unknown. 0n: all is known. */
export const unknownMaskBits = (registerName: string, mask: bigint): bigint => {
  const fields = registerByName(registerName)?.fields ?? []
  return withoutBits(mask, fieldsMask(fields))
}
