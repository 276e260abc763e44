import { vcpuFeatureEqualTo } from '../../arm64/feature-vcpu.ts'
import type { Feature } from '../../arm64/feature-row.ts'
import type { CpuWord, CpuWords } from '../input/cpu-words.ts'

/** One word of a CPU's description, and how a profile says the same. */
export type ExplainedWord = {
  readonly word: string
  readonly features: readonly string[]
  readonly on: boolean
  /** Entries for the spec of a profile; empty if a profile cannot say it. */
  readonly profile: readonly string[]
}

export type ExplainedWords = {
  readonly kind: 'words'
  readonly model?: string
  readonly words: readonly ExplainedWord[]
}

const entryOf = (on: boolean, feature: Feature): string | undefined => {
  const state = on ? 'Required' : 'Disabled'
  const vcpuFeature = vcpuFeatureEqualTo(feature)
  if (vcpuFeature !== undefined) return `vcpuFeatures: {${vcpuFeature}: ${state}}`
  return feature.places.length === 0 ? undefined : `features: [{name: ${feature.name}, state: ${state}}]`
}

const explainWord = ({ text, on, features }: CpuWord): ExplainedWord => ({
  word: text,
  features: features.map(({ name }) => name),
  on,
  profile: [...new Set(features.flatMap((feature) => entryOf(on, feature) ?? []))],
})

/** A CPU's description in the words of compilers and emulators: which features it means, and how a profile says it. */
export const explainWords = ({ model, words }: CpuWords): ExplainedWords => ({
  kind: 'words',
  ...(model !== undefined && { model }),
  words: words.map(explainWord),
})
