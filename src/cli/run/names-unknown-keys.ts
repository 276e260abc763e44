/** Why a plan of a newer version is not launched: a launch would leave out what it does not know. */
export const namesUnknownKeys = (source: string, keys: readonly string[]): string =>
  `${source} names what this version does not know: ${keys.join(', ')}; use the version that compiled it`
