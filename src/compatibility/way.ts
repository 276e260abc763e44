import type { Reach } from './reach.ts'

/** How VMs may go from the first host of a reach to the second. What is unknown keeps nobody. */
export type Way = 'open' | 'one-way' | 'closed'

/** The way from the first host to the second; `one-way`: they cannot come back. */
export const wayAlong = (found: Reach): Way => {
  switch (found.kind) {
    case 'both-ways':
    case 'unknown':
      return 'open'
    case 'one-way':
      return found.direction === 'a-to-b' ? 'one-way' : 'closed'
    case 'never':
      return 'closed'
    default:
      return found satisfies never
  }
}
