import { readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'

/*
 * A value kept in a file by a process that may be killed at any moment: two places are written in turn, each with a generation and
 * a checksum, so that one of them is always whole. What never changes has a third place.
 */

/** Each place: more than the state of a launch ever takes. */
const PLACE = 16 << 20

const FIXED_PLACE = 2

const HEADER = /^(\d+) (\d+) (\d+)\n$/
/** A checksum and two numbers, of ten digits each, and what is between. */
const HEADER_LENGTH = 10 + 1 + 10 + 1 + 10 + 1

const padded = (number: number): string => String(number).padStart(10, '0')

const checksum = (text: string): string => padded(crc32(text))

type Saved = { readonly generation: number; readonly text: string }

const readText = (fd: number, length: number, position: number): string => {
  const bytes = Buffer.alloc(length)
  const read = readSync(fd, bytes, 0, length, position)
  return bytes.toString('utf8', 0, read)
}

/** What is in a place; undefined where it is empty, or was being written when its writer died. */
const readPlace = (fd: number, place: number): Saved | undefined => {
  const at = place * PLACE
  const [, sum, generation, length] = HEADER.exec(readText(fd, HEADER_LENGTH, at)) ?? []
  if (sum === undefined) return undefined
  const text = readText(fd, Number(length), at + HEADER_LENGTH)
  return checksum(`${generation ?? ''} ${text}`) === sum
    ? { generation: Number(generation), text }
    : undefined
}

/** What was saved whole last; undefined where nothing was. */
const readLast = (fd: number): Saved | undefined =>
  [0, 1]
    .map((place) => readPlace(fd, place))
    .filter((one) => one !== undefined)
    .toSorted((a, b) => b.generation - a.generation)[0]

const parsed = (read: () => Saved | undefined): unknown => {
  try {
    const saved = read()
    return saved && JSON.parse(saved.text)
  } catch {
    return undefined
  }
}

/** The last value that was saved whole, as JSON; undefined where there is none, or no such file. */
export const readSaved = (fd: number): unknown => parsed(() => readLast(fd))

/** What {@link saveFixed} saved; undefined where it did not, or not to its end. */
export const readFixed = (fd: number): unknown => parsed(() => readPlace(fd, FIXED_PLACE))

/** Writes a place; a reader finds it whole or not at all. Throws where the file cannot be written. */
const writePlace = (fd: number, place: number, { generation, text }: Saved): void => {
  const numbered = padded(generation)
  const length = padded(Buffer.byteLength(text))
  const bytes = Buffer.from(`${checksum(`${numbered} ${text}`)} ${numbered} ${length}\n${text}`)
  let sent = 0
  while (sent < bytes.length) sent += writeSync(fd, bytes, sent, bytes.length - sent, place * PLACE + sent)
}

/** Saves what does not change, once. Throws as {@link StateWriter.save} does. */
export const saveFixed = (fd: number, value: unknown): void => {
  writePlace(fd, FIXED_PLACE, { generation: 1, text: JSON.stringify(value) })
}

/** Saves values to a file, one after the other. */
export class StateWriter {
  readonly #fd: number
  #generation: number

  /** Goes on after what is saved there. Throws where the file cannot be read. */
  constructor(fd: number) {
    this.#fd = fd
    this.#generation = readLast(fd)?.generation ?? 0
  }

  /** Throws where the file cannot be written. */
  save(value: unknown): void {
    const next = this.#generation + 1
    writePlace(this.#fd, next % 2, { generation: next, text: JSON.stringify(value) })
    // Only now: after a write that failed the other place, which is whole, must not be the next.
    this.#generation = next
  }
}

const MARKS_AT = 3 * PLACE
const MARK_LENGTH = 10
/** More than a supervisor ever has. */
const MOST_MARKS = 4096

/** Sets a number beside the state, by its place (from 0): ten bytes, written at once. 0: none. */
export const saveMark = (fd: number, place: number, mark: number): void => {
  writeSync(fd, padded(mark), MARKS_AT + place * MARK_LENGTH)
}

/** The numbers that are set. */
export const readMarks = (fd: number): number[] =>
  (readText(fd, MOST_MARKS * MARK_LENGTH, MARKS_AT).match(/\d{10}/g) ?? [])
    .map(Number)
    .filter((mark) => mark !== 0)
