import type { UnknownKey } from '../../api/unknown-keys.ts'

/** Why a plan of a newer version is not launched: a launch would leave out what it does not know. */
export const namesUnknownKeys = (source: string, keys: readonly UnknownKey[]): string =>
  `${source} names what this version does not know: ${keys.map(({ path }) => path.join('.')).join(', ')}; use the version that compiled it`
