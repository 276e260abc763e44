import type { GuestReport } from './guest-report.ts'
import { differences } from './guest-table.ts'

/** Something that is claimed of what was done, and whether it is so. */
export type Claim = { readonly claim: string; readonly holds: boolean; readonly seen: string }

/** What a profile that takes its baseline from nodes of different CPUs does to guests of QEMU with `-cpu host`, one of each node. */
export const guestClaims = (
  guests: readonly { readonly without: GuestReport; readonly with: GuestReport }[],
): Claim[] => {
  const without = differences(guests.map((one) => one.without))
  const levelled = differences(guests.map((one) => one.with))
  const first = guests[0]?.with
  const hidden = ['paca', 'pacg', 'sve'].filter((flag) => first?.features.includes(flag))
  return [
    {
      claim: 'without the profile the guests see different CPUs, with different MIDR_EL1',
      holds: without.includes('MIDR_EL1') && without.includes('features'),
      seen: without.join(', '),
    },
    {
      claim: 'with the profile they see the same CPU',
      holds: levelled.length === 0,
      seen: levelled.join(', ') || 'no difference',
    },
    {
      claim: 'the guests see no SVE and no pointer authentication, although QEMU got plain -cpu host',
      holds: hidden.length === 0 && first !== undefined,
      seen: hidden.join(' ') || 'none of sve paca pacg',
    },
  ]
}
