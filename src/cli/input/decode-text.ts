import { InputError } from './input-error.ts'

/** What is not text by its first bytes, and what to do with it. */
const COMPRESSED: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
]

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, index) => bytes[index] === byte)

/** By the byte order mark; where there is none, ASCII has its zero byte first (big endian) or second (little endian). */
const encodingOf = (bytes: Uint8Array): string => {
  const [first, second] = bytes
  if (bytes.length < 2 || startsWith(bytes, [0xff, 0xfe])) return bytes.length < 2 ? 'utf-8' : 'utf-16le'
  if (startsWith(bytes, [0xfe, 0xff]) || (first === 0 && second !== 0)) return 'utf-16be'
  return second === 0 && first !== 0 ? 'utf-16le' : 'utf-8'
}

/**
 * The text of a file, without a byte order mark: UTF-8, or UTF-16 as Windows shells write what they redirect. Throws InputError for
 * what is no text.
 */
export const decodeText = (bytes: Uint8Array, source: string): string => {
  const compressed = COMPRESSED.find(([, magic]) => startsWith(bytes, magic))
  if (compressed !== undefined)
    throw new InputError(`${source} is compressed (${compressed[0]}): unpack it first`)
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes)
    if (!text.includes('\0')) return text
  } catch {
    // Not of this encoding: told below.
  }
  throw new InputError(`${source} is not text: neither UTF-8 nor UTF-16`)
}
