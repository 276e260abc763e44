import { fieldMask, getField, setField } from '../arm64/field.ts'
import type { Field } from '../arm64/field.ts'
import type { FeatureIdRegister } from '../arm64/register.ts'
import { algebraicFieldValue, commonFieldValue } from './common-field-value.ts'
import type { RegisterLimit } from './common-field-value.ts'
import { specifiableMask } from './specifiable.ts'

/** A field that not all hosts can show the same of. `field` undefined: bits in no field we know. */
export type UnlevelledField = {
  readonly register: string
  readonly field?: Field
  /** The distinct raw values of the hosts, ascending. */
  readonly values: readonly number[]
}

/** The greatest common value of a register; where a field has none, what the hosts have in common by its rule. */
export type CommonRegister = { readonly value: bigint; readonly unlevelled: readonly UnlevelledField[] }

const distinct = (hosts: readonly RegisterLimit[]): readonly RegisterLimit[] => [
  ...new Map(hosts.map((host) => [`${host.limit}/${host.mask}`, host])).values(),
]

const differingBits = ([first, ...others]: readonly RegisterLimit[]): bigint =>
  first === undefined ? 0n : others.reduce((bits, { limit }) => bits | (limit ^ first.limit), 0n)

const unlevelledField = (
  register: string,
  field: Field,
  hosts: readonly RegisterLimit[],
): UnlevelledField => ({
  register,
  field,
  values: [...new Set(hosts.map(({ limit }) => getField(limit, field)))].sort((a, b) => a - b),
})

/** Brings one register of several hosts together, field by field. `hosts` must not be empty. */
export const commonRegister = (
  register: FeatureIdRegister,
  allHosts: readonly RegisterLimit[],
): CommonRegister => {
  const hosts = distinct(allHosts)
  const differing = differingBits(hosts) & specifiableMask(register.name)
  let value = hosts[0]?.limit ?? 0n
  let unknown = differing
  const unlevelled: UnlevelledField[] = []
  for (const field of register.fields) {
    unknown &= ~fieldMask(field)
    if ((differing & fieldMask(field)) === 0n) continue
    const raw = commonFieldValue(field, hosts)
    if (raw === undefined) unlevelled.push(unlevelledField(register.name, field, hosts))
    value = setField(value, field, raw ?? algebraicFieldValue(field, hosts))
  }
  if (unknown !== 0n) unlevelled.push({ register: register.name, values: [] })
  return { value, unlevelled }
}
