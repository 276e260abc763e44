import { differingBits, EVERY_BIT, withoutBits } from '../arm64/bits.ts'
import { coversField, differsIn, fieldsMask, getField, setField } from '../arm64/field.ts'
import { FEATURE_ID_REGISTERS, registerByName } from '../arm64/register.ts'
import { isSafe } from '../arm64/safe-value.ts'
import { asHostReads, kernelMarkers } from './field-reading.ts'
import { REGISTER_RULES } from './register-rule.ts'
import type { Field } from '../arm64/field.ts'
import type { FeatureIdRegister } from '../arm64/register.ts'
import type { PredictionHost, Untold } from './prediction-host.ts'
import type { FieldOutcome, RegisterTrials, TrialOutcome } from './trial-results.ts'
import type { PredictionRule, Refusal, WriteVerdict } from './verdict.ts'

const refusal = (rule: PredictionRule, field?: string, errno = 'EINVAL'): Refusal => ({
  verdict: 'refused',
  rule,
  errno,
  ...(field !== undefined && { field }),
})

/** Whether KVM ignores a write to an AArch32 register: without AArch32 it leaves the masks of these registers out. */
const isWriteIgnored = (host: PredictionHost, register: FeatureIdRegister): boolean =>
  register.traits.includes('AArch32') && (host.masks.get(register.name) ?? 0n) === 0n

const isWritable = (field: Field, mask: bigint): boolean => field.rule !== 'None' && coversField(mask, field)

/** The check of every field: arm64_check_features, arch/arm64/kvm/sys_regs.c (Linux 6.12). */
const checkFields = (
  host: PredictionHost,
  register: FeatureIdRegister,
  value: bigint,
  limit: bigint,
): Refusal | undefined => {
  const mask = host.masks.get(register.name) ?? 0n
  if (value === limit) return undefined
  for (const field of register.fields) {
    if (!differsIn(field, value, limit)) continue
    if (!isWritable(field, mask)) return refusal('Limit', field.name)
    if (!isSafe(asHostReads(host, field), getField(value, field), getField(limit, field)))
      return refusal('FieldRule', field.name)
  }
  if (withoutBits(differingBits(value, limit), fieldsMask(register.fields)) === 0n) return undefined
  return refusal(limit === 0n && mask === 0n ? 'ReadsAsZero' : 'Limit')
}

const ofTrial = (outcome: TrialOutcome, value: bigint): WriteVerdict => {
  if ('errno' in outcome) return refusal('Trial', undefined, outcome.errno)
  if (outcome.stored === value) return { verdict: 'accepted' }
  return { verdict: 'stored-as', stored: outcome.stored, rule: 'Trial' }
}

type TriedField = { readonly field: Field; readonly outcome: FieldOutcome }

const triedFields = (
  { byField }: RegisterTrials,
  register: FeatureIdRegister,
  value: bigint,
): readonly TriedField[] =>
  register.fields.flatMap((field) => {
    const outcome = byField.get(field.name)?.get(getField(value, field))
    return outcome === undefined ? [] : [{ field, outcome }]
  })

const byRules = (
  host: PredictionHost,
  register: FeatureIdRegister,
  value: bigint,
  limit: bigint,
): WriteVerdict => {
  const own = REGISTER_RULES.get(register.name)?.(value, limit, host) ?? { kind: 'check', value }
  if (own.kind === 'decided') return own.verdict
  const refused = checkFields(host, register, own.value, limit)
  if (refused !== undefined) return refused
  if (own.value === value) return { verdict: 'accepted' }
  return { verdict: 'stored-as', stored: own.value, rule: own.rule ?? 'FieldRule' }
}

/** Fields that were tried are taken out of the rules' sight (set to the limit) and put back as KVM kept them. */
const byFieldTrials = (
  host: PredictionHost,
  register: FeatureIdRegister,
  [value, limit]: readonly [value: bigint, limit: bigint],
  tried: readonly TriedField[],
): WriteVerdict => {
  let [rest, replaced] = [value, value]
  for (const { field, outcome } of tried) {
    if ('errno' in outcome) return refusal('Trial', field.name, outcome.errno)
    rest = setField(rest, field, getField(limit, field))
    replaced = setField(replaced, field, outcome.stored)
  }
  const verdict = byRules(host, register, rest, limit)
  if (verdict.verdict === 'refused') return verdict
  const changed = verdict.verdict === 'stored-as' ? differingBits(verdict.stored, rest) : 0n
  const stored = differingBits(replaced, changed)
  return stored === value ? { verdict: 'accepted' } : { verdict: 'stored-as', stored, rule: 'Trial' }
}

const decided = (host: PredictionHost, name: string, value: bigint): WriteVerdict => {
  const register = registerByName(name)
  const limit = register && host.limitView.get(register.name)
  if (register === undefined || limit === undefined) return refusal('Unlisted', undefined, 'ENOENT')
  const trials = host.trials.byRegister.get(register.name)
  const trial = trials?.byValue.get(value)
  if (trial !== undefined) return ofTrial(trial, value)
  if (isWriteIgnored(host, register)) {
    return value === limit
      ? { verdict: 'accepted' }
      : { verdict: 'stored-as', stored: limit, rule: 'WriteIgnored' }
  }
  const tried = trials === undefined ? [] : triedFields(trials, register, value)
  return tried.length === 0
    ? byRules(host, register, value, limit)
    : byFieldTrials(host, register, [value, limit], tried)
}

/** The masks that a host of unknown masks may have: none, all bits, and all but those by which kernels are told apart. */
const POSSIBLE_MASKS: readonly ReadonlyMap<string, bigint>[] = [
  new Map(),
  new Map(FEATURE_ID_REGISTERS.map(({ name }) => [name, EVERY_BIT])),
  new Map(FEATURE_ID_REGISTERS.map(({ name }) => [name, withoutBits(EVERY_BIT, kernelMarkers(name))])),
]

const outcome = (verdict: WriteVerdict): string => {
  const { verdict: kind } = verdict
  return kind === 'stored-as' ? `${kind} ${verdict.stored}` : kind
}

/** What holds of every host that the document may be of. */
const whereUntold = (host: PredictionHost, untold: Untold, name: string, value: bigint): WriteVerdict => {
  if (untold.registers && !host.limitView.has(registerByName(name)?.name ?? '')) return { verdict: 'unknown' }
  const possible = (untold.masks ? POSSIBLE_MASKS : [host.masks]).flatMap((masks) =>
    (untold.implementationId ? [true, false] : [host.implementationIdWritable]).map(
      (implementationIdWritable) => decided({ ...host, masks, implementationIdWritable }, name, value),
    ),
  )
  const [first, ...others] = possible
  return first !== undefined && others.every((one) => outcome(one) === outcome(first))
    ? first
    : { verdict: 'unknown' }
}

/**
 * What KVM_SET_ONE_REG does with a 64-bit value for a register of a fresh vCPU (before the VM first runs).
 * @param name Arm's name of the register, or by encoding (`S3_0_C0_C6_0`).
 * Trials made on the host decide; the rules are KVM's as of Linux 6.12 to 7.3, told apart by masks, capabilities and views only.
 * What the host document does not tell is taken for nothing: what depends on it is `unknown`.
 */
export const predictWrite = (host: PredictionHost, name: string, value: bigint): WriteVerdict =>
  host.untold === undefined ? decided(host, name, value) : whereUntold(host, host.untold, name, value)
