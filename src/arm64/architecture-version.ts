import { FEATURES } from './feature-registry.ts'
import type { Feature } from './feature-row.ts'

/** A version of the A profile: 8.4 is `{major: 8, minor: 4}`. */
export type ArchitectureVersion = { readonly major: number; readonly minor: number }

const parsed = (text: string, form: RegExp): ArchitectureVersion | undefined => {
  const [, major, minor] = form.exec(text) ?? []
  return major === undefined || minor === undefined
    ? undefined
    : { major: Number(major), minor: Number(minor) }
}

const mandatoryFrom = ({ mandatoryFrom: from = '' }: Feature): ArchitectureVersion | undefined =>
  parsed(from, /^v([89])Ap(\d)$/)

// Armv9.0-A builds on Armv8.5-A, and each later one on the next (Arm ARM, A2.1).
const minorOfV8 = ({ major, minor }: ArchitectureVersion): number => (major === 9 ? minor + 5 : minor)

const includes = (version: ArchitectureVersion, part: ArchitectureVersion): boolean =>
  part.major === version.major
    ? part.minor <= version.minor
    : part.major === 8 && part.minor <= minorOfV8(version)

const latestMinor = (major: number): number =>
  Math.max(
    ...FEATURES.flatMap((feature) => {
      const from = mandatoryFrom(feature)
      return from?.major === major ? [from.minor] : []
    }),
  )

const LATEST: ReadonlyMap<number, number> = new Map([8, 9].map((major) => [major, latestMinor(major)]))

/** The versions whose mandatory features the feature table has, in words. */
export const KNOWN_VERSIONS = [...LATEST]
  .map(([major, minor]) => `v${major}.0-A to v${major}.${minor}-A`)
  .join(', ')

/** A version by its name, such as `v8.4-A`; undefined if the feature table does not know of it. */
export const architectureVersion = (name: string): ArchitectureVersion | undefined => {
  const version = parsed(name, /^v([89])\.(\d)-A$/)
  return version !== undefined && version.minor <= (LATEST.get(version.major) ?? -1) ? version : undefined
}

/** The features that every CPU of the version must have (Arm ARM, A2.2 and A2.3; facts/feat_deps.tsv), by name. */
export const mandatoryFeatures = (version: ArchitectureVersion): readonly Feature[] =>
  FEATURES.filter((feature) => {
    const from = mandatoryFrom(feature)
    return from !== undefined && includes(version, from)
  })
