import { existsSync, readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'

/*
 * A value in the file of a process that may be killed at any moment. The file begins with a line that says what it is, and the version
 * of its form. The process writes two places alternately, each with a generation and a checksum, so that one of them is always intact.
 * Data that never changes has a third place, behind the first line.
 */

/** A change of what is in the file, or of what it means, needs another version: a supervisor reads only the files of its own. */
const FIRST_LINE = 'cpufeatures launch state 1\n'
const ANY_VERSION = /^cpufeatures launch state (\d+)\n/
const LONGEST_FIRST_LINE = 64

/** The size of each place: a launch of which there is more to know fails. */
const PLACE = 16 << 20

const PLACES = [PLACE, 2 * PLACE] as const
const FIXED_PLACE = LONGEST_FIRST_LINE
const MARKS_AT = 3 * PLACE

const HEADER = /^(\d+) (\d+) (\d+)\n$/
/** A checksum and two numbers of ten digits each, with separators. */
const HEADER_LENGTH = 10 + 1 + 10 + 1 + 10 + 1

const padded = (number: number): string => String(number).padStart(10, '0')

const checksum = (text: string): string => padded(crc32(text))

type Saved = { readonly generation: number; readonly text: string }

const readText = (fd: number, length: number, position: number): string => {
  const bytes = Buffer.alloc(length)
  const read = readSync(fd, bytes, 0, length, position)
  return bytes.toString('utf8', 0, read)
}

/** What the file is: nothing has been written; it is somebody else's; or it is a state of this version, or of another. */
export type StateForm =
  | { readonly kind: 'empty' | 'foreign' | 'current' }
  | { readonly kind: 'other-version'; readonly version: string }

/** Reads the first line of a file; of an fd that is not open, nothing. Throws if it cannot read the file. */
export const readForm = (fd: number): StateForm => {
  if (!existsSync(`/proc/self/fd/${fd}`)) return { kind: 'empty' }
  const begin = readText(fd, LONGEST_FIRST_LINE, 0)
  if (begin === '') return { kind: 'empty' }
  if (begin.startsWith(FIRST_LINE)) return { kind: 'current' }
  const version = ANY_VERSION.exec(begin)?.[1]
  return version === undefined ? { kind: 'foreign' } : { kind: 'other-version', version }
}

/** What is in a place. A process that died while it wrote the place has left it damaged. */
type Place = 'empty' | 'damaged' | Saved

const readPlace = (fd: number, at: number): Place => {
  const header = readText(fd, HEADER_LENGTH, at)
  // A hole of the file reads as zeros.
  if (/^\0*$/.test(header)) return 'empty'
  const [, sum, generation, length] = HEADER.exec(header) ?? []
  if (sum === undefined || Number(length) > PLACE) return 'damaged'
  const text = readText(fd, Number(length), at + HEADER_LENGTH)
  return checksum(`${generation ?? ''} ${text}`) === sum
    ? { generation: Number(generation), text }
    : 'damaged'
}

/** The last intact value. `empty`: none was ever saved whole, and nothing that depends on it was done. */
const readLast = (fd: number): Place => {
  const places = PLACES.map((at) => readPlace(fd, at))
  const saved = places.filter((place) => typeof place !== 'string')
  const [last] = saved.toSorted((a, b) => b.generation - a.generation)
  return last ?? (places.includes('empty') ? 'empty' : 'damaged')
}

/** A value that was read; or none was saved, or it cannot be read. */
export type Read =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'empty' | 'damaged' }

const parsed = (place: Place): Read => {
  if (typeof place === 'string') return { kind: place }
  try {
    return { kind: 'value', value: JSON.parse(place.text) }
  } catch {
    return { kind: 'damaged' }
  }
}

/** The last intact value, as JSON. */
export const readSaved = (fd: number): Read => parsed(readLast(fd))

/** What {@link saveFixed} saved. */
export const readFixed = (fd: number): Read => parsed(readPlace(fd, FIXED_PLACE))

/** Writes a place, which a reader finds intact or not at all. Throws if it cannot write the file, or there is too much to write. */
const writePlace = (fd: number, at: number, { generation, text }: Saved): void => {
  const size = Buffer.byteLength(text)
  if ((at % PLACE) + HEADER_LENGTH + size > PLACE)
    throw new Error(`the state of a launch is over ${PLACE >> 20} MiB`)
  const numbered = padded(generation)
  const length = padded(size)
  const bytes = Buffer.from(`${checksum(`${numbered} ${text}`)} ${numbered} ${length}\n${text}`)
  let sent = 0
  while (sent < bytes.length) sent += writeSync(fd, bytes, sent, bytes.length - sent, at + sent)
}

/** Begins a file: saves what does not change, once. Throws as {@link StateWriter.save} does. */
export const saveFixed = (fd: number, value: unknown): void => {
  writeSync(fd, FIRST_LINE, 0)
  writePlace(fd, FIXED_PLACE, { generation: 1, text: JSON.stringify(value) })
}

/** Saves values to a file, one after the other. */
export class StateWriter {
  readonly #fd: number
  #generation: number

  /** Continues after the values in the file. Throws if it cannot read the file. */
  constructor(fd: number) {
    this.#fd = fd
    const last = readLast(fd)
    this.#generation = typeof last === 'string' ? 0 : last.generation
  }

  /** Throws if it cannot write the file, or the value is too large for it; what was saved before stays. */
  save(value: unknown): void {
    const next = this.#generation + 1
    writePlace(this.#fd, next % 2 === 0 ? PLACES[0] : PLACES[1], {
      generation: next,
      text: JSON.stringify(value),
    })
    // Only after a successful write: otherwise the next write would go to the other place, which is the intact one.
    this.#generation = next
  }
}

const MARK_LENGTH = 10
/** More numbers than a supervisor ever sets. */
const MOST_MARKS = 4096

/** Sets the number at an index (from 0) beside the state, in one write of ten bytes. 0 means none. */
export const saveMark = (fd: number, place: number, mark: number): void => {
  writeSync(fd, padded(mark), MARKS_AT + place * MARK_LENGTH)
}

/** The numbers that are set. */
export const readMarks = (fd: number): number[] =>
  (readText(fd, MOST_MARKS * MARK_LENGTH, MARKS_AT).match(/\d{10}/g) ?? [])
    .map(Number)
    .filter((mark) => mark !== 0)

/** Takes all numbers away. */
export const clearMarks = (fd: number): void => {
  const { length } = readText(fd, MOST_MARKS * MARK_LENGTH, MARKS_AT)
  if (length > 0) writeSync(fd, Buffer.alloc(length, '0'), 0, length, MARKS_AT)
}
