import { createHash } from 'node:crypto'
import { readSync, writeSync } from 'node:fs'

/*
 * A value kept in a file by a process that may be killed at any moment: two places are written in turn, each with a generation and
 * a digest, so that one of them is always whole.
 */

/** Each place: more than the state of a launch ever takes. */
const PLACE = 16 << 20

const HEADER = /^([0-9a-f]{64}) (\d+) (\d+)\n$/
/** A digest, two numbers of ten digits, and what is between. */
const HEADER_LENGTH = 64 + 1 + 10 + 1 + 10 + 1

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

const padded = (number: number): string => String(number).padStart(10, '0')

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
  return digest(`${generation ?? ''} ${text}`) === sum ? { generation: Number(generation), text } : undefined
}

/** What was saved whole last; undefined where nothing was. */
const readLast = (fd: number): Saved | undefined =>
  [0, 1]
    .map((place) => readPlace(fd, place))
    .filter((one) => one !== undefined)
    .toSorted((a, b) => b.generation - a.generation)[0]

/** The last value that was saved whole, as JSON; undefined where there is none, or no such file. */
export const readSaved = (fd: number): unknown => {
  try {
    const saved = readLast(fd)
    return saved && JSON.parse(saved.text)
  } catch {
    return undefined
  }
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
    const generation = padded(next)
    const text = JSON.stringify(value)
    const length = padded(Buffer.byteLength(text))
    const bytes = Buffer.from(`${digest(`${generation} ${text}`)} ${generation} ${length}\n${text}`)
    const at = (next % 2) * PLACE
    let sent = 0
    while (sent < bytes.length) sent += writeSync(this.#fd, bytes, sent, bytes.length - sent, at + sent)
    // Only now: after a write that failed the other place, which is whole, must not be the next.
    this.#generation = next
  }
}

const MARK_AT = 2 * PLACE
const MARK_LENGTH = 10

/** Sets the one number beside the state: ten bytes, written at once. */
export const saveMark = (fd: number, mark: number): void => {
  writeSync(fd, padded(mark), MARK_AT)
}

/** The number that was set last; 0 where none was. */
export const readMark = (fd: number): number => Number(readText(fd, MARK_LENGTH, MARK_AT) || '0')
