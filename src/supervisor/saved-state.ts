import { readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'

/*
 * A value in the file of a process that may be killed at any moment. The process writes two places alternately, each with a
 * generation and a checksum, so that one of them is always intact. Data that never changes has a third place.
 */

/** The size of each place, more than the state of a launch ever needs. */
const PLACE = 16 << 20

const FIXED_PLACE = 2

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

/** The contents of a place; undefined if it is empty, or if its writer died while writing. */
const readPlace = (fd: number, place: number): Saved | undefined => {
  const at = place * PLACE
  const [, sum, generation, length] = HEADER.exec(readText(fd, HEADER_LENGTH, at)) ?? []
  if (sum === undefined) return undefined
  const text = readText(fd, Number(length), at + HEADER_LENGTH)
  return checksum(`${generation ?? ''} ${text}`) === sum
    ? { generation: Number(generation), text }
    : undefined
}

/** The last intact value; undefined if there is none. */
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

/** The last intact value, as JSON; undefined if there is none, or no such file. */
export const readSaved = (fd: number): unknown => parsed(() => readLast(fd))

/** What {@link saveFixed} saved; undefined if it saved nothing, or did not finish. */
export const readFixed = (fd: number): unknown => parsed(() => readPlace(fd, FIXED_PLACE))

/** Writes a place, which a reader finds intact or not at all. Throws if it cannot write the file. */
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

  /** Continues after the values in the file. Throws if it cannot read the file. */
  constructor(fd: number) {
    this.#fd = fd
    this.#generation = readLast(fd)?.generation ?? 0
  }

  /** Throws if it cannot write the file. */
  save(value: unknown): void {
    const next = this.#generation + 1
    writePlace(this.#fd, next % 2, { generation: next, text: JSON.stringify(value) })
    // Only after a successful write: otherwise the next write would go to the other place, which is the intact one.
    this.#generation = next
  }
}

const MARKS_AT = 3 * PLACE
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
