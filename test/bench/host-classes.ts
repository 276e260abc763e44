import type { HostDocument } from '../../src/api/host-document.ts'
import { toHex64 } from '../../src/api/hex64.ts'
import { fieldNamed } from '../../src/arm64/register.ts'
import { getField, setField } from '../../src/arm64/field.ts'
import { hostClass } from '../../src/compatibility/host-class.ts'
import type { ClassifiedHost } from '../../src/profile/baseline/classified-host.ts'
import { fixtureHosts } from '../fixtures/host-documents.ts'

/** Fields that CPUs of a kind differ in, lowered one after the other to make further classes. */
const VARIED = [
  ['ID_AA64ISAR0_EL1', 'RNDR'],
  ['ID_AA64ISAR0_EL1', 'FHM'],
  ['ID_AA64ISAR1_EL1', 'BF16'],
  ['ID_AA64ISAR1_EL1', 'I8MM'],
  ['ID_AA64PFR0_EL1', 'DIT'],
  ['ID_AA64ISAR0_EL1', 'SHA3'],
] as const

const lowered = (host: HostDocument, register: string, fieldName: string): HostDocument => {
  const field = fieldNamed(register, fieldName)
  const value = BigInt(host.guestView[register] ?? '0')
  if (field === undefined || getField(value, field) === 0) return host
  return { ...host, guestView: { ...host.guestView, [register]: toHex64(setField(value, field, 0)) } }
}

/** `count` host classes, the same every time: the fixtures, and variants of them with features taken away. */
export const hostClasses = (count: number): ClassifiedHost[] => {
  const classes = new Map<string, HostDocument>()
  let level = [...fixtureHosts().values()]
  for (const host of level) classes.set(hostClass(host), host)
  while (classes.size < count) {
    level = level.flatMap((host) => VARIED.map(([register, field]) => lowered(host, register, field)))
    for (const host of level) classes.set(hostClass(host), host)
  }
  return [...classes].slice(0, count).map(([name, host]) => ({ class: name, nodes: 3, host, selected: true }))
}
