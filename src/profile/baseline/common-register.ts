import { differingBits, hasAnyBit, onlyBits, withBits, withoutBits } from '../../arm64/bits.ts'
import { fieldMask, fieldsMask, getField, setField } from '../../arm64/field.ts'
import type { Field } from '../../arm64/field.ts'
import type { FeatureIdRegister } from '../../arm64/register.ts'
import { safeValue } from '../../arm64/safe-value.ts'
import { greatestCommonValue } from '../../prediction/greatest-common-value.ts'
import type { NoCommonValue } from '../../prediction/greatest-common-value.ts'
import type { PredictionHost } from '../../prediction/prediction-host.ts'
import { specifiableMask } from '../../plan/specifiable.ts'

/** A field of which the hosts cannot all show the same value. `field` undefined: bits in no field we know. */
export type UnlevelledField = {
  readonly register: string
  readonly field?: Field
  readonly why: NoCommonValue['why']
  /** The distinct raw values of the hosts, ascending. */
  readonly values: readonly number[]
}

/** The greatest common value of a register; if a field has none, what the hosts have in common by its rule. */
export type CommonRegister = { readonly value: bigint; readonly unlevelled: readonly UnlevelledField[] }

/** One host for each distinct limit, mask and result of trials: others with the same answer alike. */
const distinct = (name: string, hosts: readonly PredictionHost[]): readonly PredictionHost[] => {
  const seen = new Map<string, PredictionHost>()
  for (const host of hosts) {
    const tried = host.trials.byRegister.get(name)?.text ?? ''
    const key = `${host.limitView.get(name) ?? ''}/${host.masks.get(name) ?? ''}/${host.untold?.masks ?? false}/${tried}`
    if (!seen.has(key)) seen.set(key, host)
  }
  return [...seen.values()]
}

const limitsOf = (name: string, hosts: readonly PredictionHost[]): readonly bigint[] => [
  ...new Set(hosts.map(({ limitView }) => limitView.get(name) ?? 0n)),
]

/** Brings one register of several hosts together, field by field. `hosts` must not be empty. */
export const commonRegister = (
  register: FeatureIdRegister,
  allHosts: readonly PredictionHost[],
): CommonRegister => {
  const limits = limitsOf(register.name, allHosts)
  const [first = 0n] = limits
  if (limits.length <= 1) return { value: first, unlevelled: [] }
  const hosts = distinct(register.name, allHosts)
  const differing = onlyBits(
    limits.reduce((bits, limit) => withBits(bits, differingBits(limit, first)), 0n),
    specifiableMask(register.name),
  )
  let value = first
  const unlevelled: UnlevelledField[] = []
  for (const field of register.fields) {
    if (!hasAnyBit(differing, fieldMask(field))) continue
    const raws = [...new Set(limits.map((limit) => getField(limit, field)))].sort((a, b) => a - b)
    const common = greatestCommonValue(register, field, hosts)
    const fallback = raws.reduce((a, b) => safeValue(field, a, b))
    value = setField(value, field, common.kind === 'value' ? common.value : fallback)
    if (common.kind === 'none') {
      unlevelled.push({ register: register.name, field, why: common.why, values: raws })
    }
  }
  if (withoutBits(differing, fieldsMask(register.fields)) !== 0n)
    unlevelled.push({ register: register.name, why: 'NotWritable', values: [] })
  return { value, unlevelled }
}
