import { EVERY_BIT } from '../../../arm64/bits.ts'

/** A number as written; what is neither 0x nor 0b is `bare`, and the whole list decides what it is. */
export type WrittenNumber = { readonly digits: string; readonly base: 'hex' | 'binary' | 'bare' }

/** C's suffixes, and the digit separators of C, Python, Rust and people. */
const tidy = (text: string): string => text.replace(/(?:u64|ull|llu|ul|u|l)$/i, '').replaceAll(/['_]/g, '')

/** The number that a word is; undefined if it is none. A bare one must have a digit: `face` is a word. */
export const writtenNumber = (word: string): WrittenNumber | undefined => {
  const text = tidy(word)
  if (/^0x[0-9a-f]+$/i.test(text)) return { digits: text.slice(2), base: 'hex' }
  if (/^0b[01]+$/i.test(text)) return { digits: text.slice(2), base: 'binary' }
  return /^(?=.*\d)[0-9a-f]+$/i.test(text) || /^[0-9a-f]{16}$/i.test(text)
    ? { digits: text, base: 'bare' }
    : undefined
}

/** Letters, leading zeros and sixteen digits are of hexadecimal; more than sixteen digits of decimal numbers. */
export const bareRadix = (numbers: readonly WrittenNumber[]): 10 | 16 => {
  const bare = numbers.filter(({ base }) => base === 'bare').map(({ digits }) => digits)
  if (bare.some((digits) => /[a-f]/i.test(digits) || /^0\d/.test(digits))) return 16
  if (bare.some((digits) => digits.length > 16)) return 10
  return bare.some((digits) => digits.length === 16) ? 16 : 10
}

/** The value of a number in a list whose bare numbers are of `radix`; undefined if it needs more than 64 bits. */
export const numberValue = ({ digits, base }: WrittenNumber, radix: 10 | 16): bigint | undefined => {
  const prefix = base === 'binary' ? '0b' : base === 'hex' || radix === 16 ? '0x' : ''
  const value = BigInt(`${prefix}${digits}`)
  return value <= EVERY_BIT ? value : undefined
}
