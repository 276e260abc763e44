import { withoutBits } from '../arm64/bits.ts'
import { fieldName } from '../arm64/field-ref.ts'
import { hiddenField } from '../arm64/hidden-field.ts'
import { getField, setField } from '../arm64/field.ts'
import { FEATURE_ID_REGISTERS, fieldNamed } from '../arm64/register.ts'
import { isRasWritable } from './field-reading.ts'
import type { Field } from '../arm64/field.ts'
import type { PredictionHost } from './prediction-host.ts'
import type { PredictionRule, Refusal, WriteVerdict } from './verdict.ts'

/** What a register's own function in KVM says before, or instead of, the check of every field. */
export type RegisterRuleResult =
  | { readonly kind: 'decided'; readonly verdict: WriteVerdict }
  /** The check goes on with `value`. It differs from the written value if KVM replaces a field. */
  | { readonly kind: 'check'; readonly value: bigint; readonly rule?: PredictionRule }

type RegisterRule = (value: bigint, limit: bigint, host: PredictionHost) => RegisterRuleResult

const refused = (rule: PredictionRule, field?: string): RegisterRuleResult => {
  const verdict: Refusal = {
    verdict: 'refused',
    rule,
    errno: 'EINVAL',
    ...(field !== undefined && { field }),
  }
  return { kind: 'decided', verdict }
}

const ACCEPTED: RegisterRuleResult = { kind: 'decided', verdict: { verdict: 'accepted' } }

const fieldOf = (register: string, name: string): Field => {
  const found = fieldNamed(register, name)
  if (found === undefined) throw new Error(`no field ${fieldName({ register, field: name })}`)
  return found
}

const DEBUG_VER = fieldOf('ID_AA64DFR0_EL1', 'DebugVer')
const PMU_VER = fieldOf('ID_AA64DFR0_EL1', 'PMUVer')
const COP_DBG = fieldOf('ID_DFR0_EL1', 'CopDbg')
const PERF_MON = fieldOf('ID_DFR0_EL1', 'PerfMon')
const EL0 = fieldOf('ID_AA64PFR0_EL1', 'EL0')
const EL1 = fieldOf('ID_AA64PFR0_EL1', 'EL1')
const EL2 = fieldOf('ID_AA64PFR0_EL1', 'EL2')
const MTE = fieldOf('ID_AA64PFR1_EL1', 'MTE')
const MTE_FRAC = fieldOf('ID_AA64PFR1_EL1', 'MTE_frac')
const NV_NAME = { register: 'ID_AA64MMFR2_EL1', field: 'NV' }
const NV = fieldOf(NV_NAME.register, NV_NAME.field)
const IDC = fieldOf('CTR_EL0', 'IDC')
const L1IP = fieldOf('CTR_EL0', 'L1Ip')
const LOC = fieldOf('CLIDR_EL1', 'LoC')
const LOUU = fieldOf('CLIDR_EL1', 'LoUU')
const LOUIS = fieldOf('CLIDR_EL1', 'LoUIS')

const IMPLEMENTATION_DEFINED_PMU = 15
const ARMV8_DEBUG = 6
const PMU_V3 = 3
const VIPT = 2
const MTE2 = 2
const ASYNC_TAG_CHECKS = 0
const NO_ASYNC_TAG_CHECKS = 15

/** set_id_aa64dfr0_el1, arch/arm64/kvm/sys_regs.c (Linux 6.12): KVM takes an IMPLEMENTATION DEFINED PMU for none. */
const debugFeatures: RegisterRule = (value) => {
  if (getField(value, DEBUG_VER) < ARMV8_DEBUG) return refused('DebugVersion', DEBUG_VER.name)
  if (getField(value, PMU_VER) !== IMPLEMENTATION_DEFINED_PMU) return { kind: 'check', value }
  return { kind: 'check', value: setField(value, PMU_VER, 0), rule: 'PmuVersion' }
}

/** set_id_dfr0_el1, same file. */
const debugFeatures32: RegisterRule = (value) => {
  const perfMon = getField(value, PERF_MON)
  if (perfMon > 0 && perfMon < PMU_V3) return refused('PmuVersion', PERF_MON.name)
  if (getField(value, COP_DBG) < ARMV8_DEBUG) return refused('DebugVersion', COP_DBG.name)
  if (perfMon !== IMPLEMENTATION_DEFINED_PMU) return { kind: 'check', value }
  return { kind: 'check', value: setField(value, PERF_MON, 0), rule: 'PmuVersion' }
}

/**
 * set_id_aa64pfr0_el1 of newer kernels: a VMM cannot take AArch64 from EL0 and EL1, nor from EL2 if the guest has EL2.
 * The mask tells these kernels apart: it has RAS since then.
 */
const exceptionLevels: RegisterRule = (value, _limit, host) => {
  const levels = host.vcpuFeatures.includes('el2') ? [EL2, EL1, EL0] : [EL1, EL0]
  const gone = isRasWritable(host) ? levels.find((level) => getField(value, level) === 0) : undefined
  return gone === undefined ? { kind: 'check', value } : refused('ExceptionLevel', gone.name)
}

/**
 * set_id_aa64pfr1_el1 since Linux commits 5799a2983fea and 69018866d2ba. Older kernels hid MTE_frac, so a guest
 * from one brings 0, which says that the CPU has asynchronous tag checks. A host without them keeps its own 15; only kernels with
 * this rule show 15.
 */
const tagChecks: RegisterRule = (value, limit) => {
  const replaces =
    getField(limit, MTE) === MTE2 &&
    getField(limit, MTE_FRAC) === NO_ASYNC_TAG_CHECKS &&
    getField(value, MTE_FRAC) === ASYNC_TAG_CHECKS
  return replaces
    ? { kind: 'check', value: setField(value, MTE_FRAC, NO_ASYNC_TAG_CHECKS), rule: 'TagChecks' }
    : { kind: 'check', value }
}

/** The greatest NV of a CPU: FEAT_NV2. */
const NV2 = 2

/**
 * set_id_aa64mmfr2_el1 since Linux 6.13: KVM shows no NV any more. A guest from an older kernel brings the NV of its host's CPU, and a
 * host with the same NV takes it for 0. No register shows what the CPU has, so for a part that facts/hidden_fields.tsv lacks it is
 * unknown.
 */
const nestedVirtualization: RegisterRule = (value, limit, host) => {
  const nv = getField(value, NV)
  if (nv === 0 || nv > NV2 || getField(limit, NV) !== 0) return { kind: 'check', value }
  const own = host.midr === undefined ? undefined : hiddenField(host.midr, NV_NAME)
  if (own === undefined) return { kind: 'decided', verdict: { verdict: 'unknown' } }
  return nv === own
    ? { kind: 'check', value: setField(value, NV, 0), rule: 'NestedVirtualization' }
    : { kind: 'check', value }
}

/** set_ctr_el0 of kernels whose mask has L1Ip: only VIPT and PIPT exist. */
const cacheType: RegisterRule = (value, _limit, host) => {
  const checks = getField(host.masks.get('CTR_EL0') ?? 0n, L1IP) !== 0
  return checks && getField(value, L1IP) < VIPT ? refused('CacheType', L1IP.name) : { kind: 'check', value }
}

/** set_clidr, same file: any caches, except those that would make the guest skip maintenance that this host's CTR_EL0 asks for. */
const cacheLevels: RegisterRule = (value, limit, host) => {
  if (value === limit) return ACCEPTED
  if (withoutBits(value, host.masks.get('CLIDR_EL1') ?? 0n) !== 0n) return refused('CacheLevels')
  const needsMaintenance = getField(host.limitView.get('CTR_EL0') ?? 0n, IDC) === 0
  if (!needsMaintenance) return ACCEPTED
  if (getField(value, LOC) === 0) return refused('CacheLevels', LOC.name)
  return getField(value, LOUIS) === 0 && getField(value, LOUU) === 0
    ? refused('CacheLevels', LOUU.name)
    : ACCEPTED
}

const implementationId =
  (register: string): RegisterRule =>
  (value, limit, host) => {
    if (value === limit) return ACCEPTED
    const mask = host.implementationIdWritable ? (host.masks.get(register) ?? 0n) : 0n
    return mask !== 0n && withoutBits(value, mask) === 0n ? ACCEPTED : refused('ImplementationId')
  }

/** The registers that have a function of their own in KVM. */
export const REGISTER_RULES: ReadonlyMap<string, RegisterRule> = new Map([
  ['ID_AA64DFR0_EL1', debugFeatures],
  ['ID_DFR0_EL1', debugFeatures32],
  ['ID_AA64PFR0_EL1', exceptionLevels],
  ['ID_AA64PFR1_EL1', tagChecks],
  ['ID_AA64MMFR2_EL1', nestedVirtualization],
  ['CTR_EL0', cacheType],
  ['CLIDR_EL1', cacheLevels],
  ...FEATURE_ID_REGISTERS.filter(({ traits }) => traits.includes('ImplementationId')).map(
    ({ name }) => [name, implementationId(name)] as const,
  ),
])
