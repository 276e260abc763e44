import { ALL_ENCODINGS } from '../../../arm64/register.ts'
import { kvmIdIn, registerBySpelling } from '../../../arm64/register-spelling.ts'
import { nearestNames } from '../../../profile/spec/nearest-names.ts'

const MOST_NAMED = 3

const ID_NAMES = ALL_ENCODINGS.map(({ name }) => name)

const isKnown = (word: string): boolean =>
  kvmIdIn(word) !== undefined || registerBySpelling(word) !== undefined

const namesIn = (line: string): readonly string[] => line.match(/\b[A-Za-z]\w*_EL[0-3]\b/gi) ?? []

/** A misspelt ID register matters; of the other system registers there may be hundreds, and no host document has them. */
const isLikeIdRegister = (name: string): boolean =>
  /^(?:SYS_)?(?:ID_|MVFR|MIDR|REVIDR|AIDR|CTR_|CLIDR)/i.test(name)

const unknownIn = (line: string, place: string): readonly string[] =>
  namesIn(line)
    .filter((name) => isLikeIdRegister(name) && !isKnown(name))
    .map(
      (name) =>
        `${name} (${place}) is not a known register, and is left out; the nearest names are ${nearestNames(name, ID_NAMES)}`,
    )

const withoutValue = (line: string, place: string): readonly string[] => {
  const [, name = ''] = /^\s*(\w+)\s*[=:]?\s*$/.exec(line) ?? []
  return namesIn(line).length > 0 && isKnown(name) ? [`${name} (${place}) has no value, and is left out`] : []
}

/** In JSON a value may be on another line than its name, so a name is without one if nothing was read of it. */
const withoutValueInJson = (line: string, place: string, read: ReadonlySet<bigint>): readonly string[] =>
  namesIn(line)
    .filter((name) => {
      const id = registerBySpelling(name)?.kvmRegisterId
      return id !== undefined && !read.has(id)
    })
    .map((name) => `${name} (${place}) has no value, and is left out`)

/** Notes on the ID registers that a text names and that cannot be read. `ofJson`: the registers that were read of JSON. */
export const unreadRegisters = (text: string, ofJson?: ReadonlySet<bigint>): readonly string[] => {
  const all = text.split(/\r?\n/).flatMap((line, index) => {
    if (ofJson === undefined && /^\s*(#|\/\/)/.test(line)) return []
    const place = `line ${index + 1}`
    return [
      ...unknownIn(line, place),
      ...(ofJson === undefined ? withoutValue(line, place) : withoutValueInJson(line, place, ofJson)),
    ]
  })
  const more = all.length - MOST_NAMED
  return more <= 0 ? all : [...all.slice(0, MOST_NAMED), `${more} more registers are left out likewise`]
}
