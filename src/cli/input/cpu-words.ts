import { featuresBySpelling, nearestFeatureNames } from '../../arm64/feature-spelling.ts'
import { featureSwitch } from '../../arm64/feature-switch.ts'
import type { Feature } from '../../arm64/feature-row.ts'
import { InputError } from './input-error.ts'

/** One word of a CPU's description: what it says of which features. Without features: an option that is no feature. */
export type CpuWord = { readonly text: string; readonly on: boolean; readonly features: readonly Feature[] }

/** A CPU as QEMU's -cpu and compilers' -march, -mcpu and -mattr describe it. */
export type CpuWords = { readonly model?: string; readonly words: readonly CpuWord[] }

const OPTION = /^-{0,2}(?:cpu|march|mcpu|mtune|mattr|(?:C\s*)?target-(?:feature|cpu))(?:[=\s]\s*)/

/** Where words end: QEMU's and LLVM's commas, and the plus before each extension of -march. */
const wordsOf = (text: string): readonly string[] =>
  text
    .split(/,|(?=\+)/)
    .map((word) => word.trim())
    .filter((word) => word !== '')

const isDescription = (text: string): boolean =>
  OPTION.test(text) ||
  /^[^=/\s]+[,+]\S/.test(text) ||
  /^[+-]\w/.test(text) ||
  featureSwitch(text) !== undefined

const cpuWord = (text: string, whole: string): CpuWord => {
  const { name, on } = featureSwitch(text) ?? { name: text, on: true }
  const found = featuresBySpelling(name)
  if (found !== undefined) return { text, on, features: found.features }
  // QEMU's sve256=on is a length, and what is neither on nor off (sve-max-vq=4) a number.
  const isOption = /^\+?sve\d+$/i.test(name) || (text.includes('=') && featureSwitch(text) === undefined)
  if (isOption) return { text, on, features: [] }
  const nearest = nearestFeatureNames(name).join(', ')
  throw new InputError(
    `${whole}: ${text} names no known feature${nearest === '' ? '' : `; the nearest names are ${nearest}`}`,
  )
}

/** The first word is the model, where it is neither a switch nor a feature. */
const isModel = (word: string): boolean =>
  featureSwitch(word) === undefined && !word.includes('=') && featuresBySpelling(word) === undefined

/**
 * Takes a CPU's description apart: `host,sve=off`, `armv8.2-a+crc+nocrypto`, `+neon,-sve`, with or without the option it is given with.
 * Undefined where the text is none. Throws InputError for a word that nobody knows.
 */
export const cpuWords = (text: string): CpuWords | undefined => {
  if (!isDescription(text)) return undefined
  const [first = '', ...rest] = wordsOf(text.replace(OPTION, ''))
  const model = isModel(first) ? first : undefined
  const words = model === undefined ? [first, ...rest] : rest
  return { ...(model !== undefined && { model }), words: words.map((word) => cpuWord(word, text)) }
}
