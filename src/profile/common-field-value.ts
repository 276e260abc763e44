import { fieldMask, fieldMaximum, getField, signedValue } from '../arm64/field.ts'
import type { Field } from '../arm64/field.ts'
import { isSafe, safeValue } from '../arm64/safe-value.ts'

/** What KVM lets one host do with a register: its limit and the bits that may be changed. */
export type RegisterLimit = { readonly limit: bigint; readonly mask: bigint }

const canShow = (field: Field, { limit, mask }: RegisterLimit, raw: number): boolean => {
  const bits = fieldMask(field)
  const present = getField(limit, field)
  return raw === present || ((mask & bits) === bits && isSafe(field, raw, present))
}

// All values of a 4-bit field; of a wider one what can come of bringing the limits together.
const candidates = (field: Field, hosts: readonly RegisterLimit[]): readonly number[] => {
  if (field.width <= 4) return Array.from({ length: fieldMaximum(field) + 1 }, (_, raw) => raw)
  return [...new Set([...hosts.map(({ limit }) => getField(limit, field)), field.safeValue, 0])]
}

/** Whether `a` tells the guest more than `b`: the order in which a baseline prefers values. */
const preferred = (field: Field, a: number, b: number): boolean => {
  if (field.rule === 'HigherSafe') return signedValue(field, a) < signedValue(field, b)
  if (field.rule === 'HigherOrZero') return b === 0 || (a !== 0 && a < b)
  return signedValue(field, a) > signedValue(field, b)
}

/** The greatest raw value that KVM lets every one of these hosts show; undefined where there is none. */
export const commonFieldValue = (field: Field, hosts: readonly RegisterLimit[]): number | undefined => {
  const common = candidates(field, hosts).filter((raw) => hosts.every((host) => canShow(field, host, raw)))
  return common.reduce<number | undefined>(
    (best, raw) => (best === undefined || preferred(field, raw, best) ? raw : best),
    undefined,
  )
}

/** What the hosts have in common by the architecture's rule alone, whether or not KVM lets them show it. */
export const algebraicFieldValue = (field: Field, hosts: readonly RegisterLimit[]): number =>
  hosts.map(({ limit }) => getField(limit, field)).reduce((a, b) => safeValue(field, a, b))
