import { rawValue, signedValue } from './field.ts'
import type { Field } from './field.ts'

type SafeValue = (field: Field, a: number, b: number) => number

const lower: SafeValue = (field, a, b) =>
  rawValue(field, Math.min(signedValue(field, a), signedValue(field, b)))

const higher: SafeValue = (field, a, b) =>
  rawValue(field, Math.max(signedValue(field, a), signedValue(field, b)))

const RULES: Readonly<Record<Field['rule'], SafeValue>> = {
  LowerSafe: lower,
  HigherSafe: higher,
  HigherOrZero: (field, a, b) => (a === 0 || b === 0 ? 0 : higher(field, a, b)),
  Exact: (field) => field.safeValue,
  // The host kernel brings such fields down to 0 on every CPU of a host; KVM itself takes the limit only (isSafe).
  None: () => 0,
}

/**
 * The value both `a` and `b` (raw) may be replaced by: the field's safe-value rule.
 * Source: arm64_ftr_safe_value, arch/arm64/kernel/cpufeature.c (Linux 6.12), with KVM's overrides. Equal values stay.
 */
export const safeValue = (field: Field, a: number, b: number): number =>
  a === b ? a : RULES[field.rule](field, a, b)

/**
 * Whether KVM's check takes `wanted` in place of `limit` (both raw) in a writable field.
 * Source: arm64_check_features, arch/arm64/kvm/sys_regs.c (Linux 6.12).
 */
export const isSafe = (field: Field, wanted: number, limit: number): boolean =>
  wanted === limit || (field.rule !== 'None' && safeValue(field, wanted, limit) === wanted)
