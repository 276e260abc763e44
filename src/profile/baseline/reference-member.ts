import { fromHex64 } from '../../api/hex64.ts'
import type { ClassifiedHost } from './classified-host.ts'

const rank = ({ host }: ClassifiedHost): readonly bigint[] => [
  fromHex64(host.cpu.midr),
  fromHex64(host.cpu.revidr ?? '0x0'),
  fromHex64(host.guestView['CLIDR_EL1'] ?? '0x0'),
  BigInt(host.counterFrequency ?? 0),
  fromHex64(host.dczid ?? '0x0'),
]

const compare = (a: ClassifiedHost, b: ClassifiedHost): number => {
  const other = rank(b)
  for (const [index, value] of rank(a).entries()) {
    const against = other[index] ?? 0n
    if (value !== against) return value < against ? -1 : 1
  }
  return a.class < b.class ? -1 : Number(a.class !== b.class)
}

/**
 * The order in which a baseline takes from one member what cannot be levelled: lowest (MIDR, REVIDR, CLIDR) first, among equals the
 * slower counter, then the class. So the order of the hosts never matters.
 */
export const inReferenceOrder = (hosts: readonly ClassifiedHost[]): readonly ClassifiedHost[] =>
  hosts.toSorted(compare)
