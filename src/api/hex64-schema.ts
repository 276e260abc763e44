import * as z from 'zod'

/** A 64-bit value as JSON and YAML carry it: lower-case, 0x-prefixed, no leading zeros needed. */
export const hex64 = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/, 'must be a 64-bit value in hexadecimal, such as 0x1011')
  .meta({ maxLength: 18 })
