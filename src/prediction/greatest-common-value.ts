import { fieldMaximum, getField, setField, signedValue } from '../arm64/field.ts'
import { legalValues } from '../arm64/legal-value.ts'
import { isSafe } from '../arm64/safe-value.ts'
import { predictWrite } from './predict-write.ts'
import type { Field } from '../arm64/field.ts'
import type { FeatureIdRegister } from '../arm64/register.ts'
import type { PredictionHost } from './prediction-host.ts'

/** Why hosts have no common value of a field, host by host in the order given. */
export type NoCommonValue = {
  readonly kind: 'none'
  /**
   * `NotWritable`: some host can show only its limit. `NoneInCommon`: each host can show several values, but no common one. `Hidden`: some
   * host does not have the register. `Untold`: they may have one, but nobody knows what some host's KVM lets a VMM change.
   */
  readonly why: 'NotWritable' | 'NoneInCommon' | 'Hidden' | 'Untold'
  /** What each host's vCPU shows by itself (raw); undefined if it does not have the register. */
  readonly limits: readonly (number | undefined)[]
  /** What each host's KVM lets it show (raw, ascending). */
  readonly showable: readonly (readonly number[])[]
}

/** The greatest value of a field that every host's KVM lets it show, raw; or that there is none. */
export type CommonValue = { readonly kind: 'value'; readonly value: number } | NoCommonValue

const limitOf = (host: PredictionHost, register: FeatureIdRegister, field: Field): number | undefined => {
  const value = host.limitView.get(register.name)
  return value === undefined ? undefined : getField(value, field)
}

const TAKEN: ReadonlySet<string> = new Set(['accepted'])
const TAKEN_OR_UNKNOWN: ReadonlySet<string> = new Set(['accepted', 'unknown'])

/** The raw values that a host's KVM takes and keeps in a field, the others at their limits; of `candidates`. */
const showableOf = (
  host: PredictionHost,
  { register, field }: { readonly register: FeatureIdRegister; readonly field: Field },
  candidates: readonly number[],
  taken = TAKEN,
): readonly number[] => {
  const limit = host.limitView.get(register.name)
  if (limit === undefined) return []
  return candidates.filter((raw) => {
    const value = setField(limit, field, raw)
    // KVM takes some values that promise more than there is (on 6.18, version 8 of the PMU in place of 6). Never show those.
    const isPromised = field.rule === 'None' || isSafe(field, raw, getField(limit, field))
    return value === limit || (isPromised && taken.has(predictWrite(host, register.name, value).verdict))
  })
}

const isNumber = (value: number | undefined): value is number => value !== undefined

const byRank: Readonly<Record<Field['rule'], (field: Field, raw: number) => number>> = {
  LowerSafe: signedValue,
  HigherSafe: (field, raw) => -signedValue(field, raw),
  HigherOrZero: (field, raw) => (raw === 0 ? -Infinity : -signedValue(field, raw)),
  // The safe value is the last resort. A value that some host has by itself is better.
  Exact: (field, raw) => (raw === field.safeValue ? -1 : 0),
  None: () => 0,
}

/** The raw values to try: all of them in a narrow field; the hosts' own, in their order, if the field is wide or has no rule. */
const candidatesOf = (field: Field, limits: readonly number[]): readonly number[] =>
  field.width <= 4 && field.rule !== 'None'
    ? Array.from({ length: fieldMaximum(field) + 1 }, (_, raw) => raw)
    : [...new Set(limits)]

const best = (
  register: FeatureIdRegister,
  field: Field,
  common: readonly number[],
  limits: readonly number[],
): number | undefined => {
  // Between the values of two hosts KVM also takes encodings without a meaning. Only values that the architecture names will do.
  const legal = new Set([...legalValues(register.name, field), ...limits])
  const ranked = common
    .filter((raw) => legal.has(raw))
    .toSorted((a, b) => byRank[field.rule](field, b) - byRank[field.rule](field, a))
  return ranked[0]
}

const inAll = ([first = [], ...others]: readonly (readonly number[])[]): readonly number[] =>
  first.filter((raw) => others.every((values) => values.includes(raw)))

/** The raw values (ascending) that a host's KVM lets it show in a field: always its limit; others where it is writable. */
export const showableValues = (
  host: PredictionHost,
  register: FeatureIdRegister,
  field: Field,
): readonly number[] => {
  const limit = limitOf(host, register, field)
  return limit === undefined ? [] : showableOf(host, { register, field }, candidatesOf(field, [limit]))
}

/**
 * The greatest value of a field that every host's KVM lets it show. The field's rule decides: a minimum would be wrong for signed, exact
 * and higher-safe fields, and where the minimum is not writable. The order of the hosts does not matter, except in fields without a
 * rule, where the first host's own value comes first. Not for fields wider than 32 bits (REVIDR_EL1 and AIDR_EL1 are compared whole).
 */
export const greatestCommonValue = (
  register: FeatureIdRegister,
  field: Field,
  hosts: readonly PredictionHost[],
): CommonValue => {
  const perHost = hosts.map((host) => limitOf(host, register, field))
  const limits = perHost.filter(isNumber)
  const [first] = limits
  if (first === undefined || limits.length < hosts.length) {
    return { kind: 'none', why: 'Hidden', limits: perHost, showable: [] }
  }
  if (limits.every((limit) => limit === first)) return { kind: 'value', value: first }
  const candidates = candidatesOf(field, limits)
  const showable = hosts.map((host) => showableOf(host, { register, field }, candidates))
  const value = best(register, field, inAll(showable), limits)
  if (value !== undefined) return { kind: 'value', value }
  const possible = hosts.map((host) => showableOf(host, { register, field }, candidates, TAKEN_OR_UNKNOWN))
  if (best(register, field, inAll(possible), limits) !== undefined)
    return { kind: 'none', why: 'Untold', limits: perHost, showable }
  const why = showable.some((values) => values.length <= 1) ? 'NotWritable' : 'NoneInCommon'
  return { kind: 'none', why, limits: perHost, showable }
}
