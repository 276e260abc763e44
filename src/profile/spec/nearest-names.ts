import { editDistance } from '../../arm64/edit-distance.ts'

/** The three names most like a mistyped one, best first, joined for a message. */
export const nearestNames = (mistyped: string, names: readonly string[]): string =>
  names
    .map((name) => ({ name, far: editDistance(mistyped.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name)
    .join(', ')
