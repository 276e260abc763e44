import { editDistance } from './edit-distance.ts'
import { FEATURES, featuresByName } from './feature-registry.ts'
import type { Feature } from './feature-row.ts'
import { FEATURE_SPELLING_TABLE } from './feature-spelling-table.generated.ts'
import { HWCAP_TABLE } from './hwcap-table.generated.ts'

/** The features of a spelling. `any`: a HWCAP, which says that one of them is there (`pacg`); else all are meant (`+crypto`). */
export type SpelledFeatures = { readonly features: readonly Feature[]; readonly any: boolean }

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^(?:hw\.optional\.(?:arm\.)?)?(?:feat_|hwcap[23]?_)/, '')
    .replaceAll(/[^a-z0-9]/g, '')

const ofNames = (names: readonly string[]): readonly Feature[] =>
  names.flatMap((name) => featuresByName(name))

const bySpelling = new Map(FEATURE_SPELLING_TABLE.map(([text, names]) => [plain(text), names]))
const byHwcap = new Map(HWCAP_TABLE.map(({ cpuinfoName, features }) => [plain(cpuinfoName), features]))
const byFeature = new Map(FEATURES.map(({ name }) => [plain(name), name]))

const isVisible = ({ places }: Feature): boolean => places.length > 0

const all = (names: readonly string[] | undefined): SpelledFeatures | undefined =>
  names && { features: ofNames(names), any: false }

const ofHwcap = (name: string): SpelledFeatures | undefined => {
  const names = byHwcap.get(name)
  return names && { features: ofNames(names), any: names.length > 1 }
}

const ofFeature = (name: string): SpelledFeatures | undefined => {
  const found = byFeature.get(name)
  return found === undefined ? undefined : all([found])
}

const asCompiler = (name: string): SpelledFeatures | undefined =>
  all(bySpelling.get(name)) ?? ofHwcap(name) ?? ofFeature(name)

const asPlainWord = (name: string): SpelledFeatures | undefined => {
  const feature = ofFeature(name)
  const visible = feature?.features.some(isVisible) === true ? feature : undefined
  return ofHwcap(name) ?? visible ?? all(bySpelling.get(name)) ?? feature
}

/**
 * The features of a name in any spelling that is in use: Arm's and Linux's (as in {@link featuresByName}) in any case, and those of
 * compilers and emulators (after `FEAT_` only Arm's). `+aes` is the compiler's name and means more than the HWCAP `aes`. An option of
 * QEMU that is not a feature has an empty list. Undefined if nobody knows the name.
 */
export const featuresBySpelling = (text: string): SpelledFeatures | undefined => {
  const exact = featuresByName(text)
  if (exact.length > 0) return { features: exact, any: exact.length > 1 }
  const name = plain(text)
  // A user who writes FEAT_ means Arm's name: FEAT_RNDR is a mistake for FEAT_RNG.
  if (/feat_/i.test(text)) return ofFeature(name)
  return text.startsWith('+') ? asCompiler(name) : asPlainWord(name)
}

type Candidate = { readonly shown: string; readonly key: string; readonly visible: boolean }

const CANDIDATES: readonly Candidate[] = [
  ...FEATURES.map((feature) => ({
    shown: feature.name,
    key: plain(feature.name),
    visible: isVisible(feature),
  })),
  ...HWCAP_TABLE.filter(({ features }) => features.length > 0).map(({ cpuinfoName }) => ({
    shown: cpuinfoName,
    key: plain(cpuinfoName),
    visible: true,
  })),
  ...FEATURE_SPELLING_TABLE.filter(([, features]) => features.length > 0).map(([text, features]) => ({
    shown: `${text} (${features.join(', ')})`,
    key: plain(text),
    visible: true,
  })),
]

// Words that are further apart only share letters.
const mostFar = (wanted: string): number => Math.max(1, Math.round(wanted.length * 0.4))

/** The known names that are most like an unknown one, best first; at most `count`, and none if no name is like it. */
export const nearestFeatureNames = (name: string, count = 3): readonly string[] => {
  const wanted = plain(name)
  return CANDIDATES.map(({ shown, key, visible }) => ({ shown, visible, far: editDistance(wanted, key) }))
    .filter(({ far }) => far <= mostFar(wanted))
    .sort((a, b) => a.far - b.far || Number(b.visible) - Number(a.visible))
    .slice(0, count)
    .map(({ shown }) => shown)
}
