import type { CpuFeatureProfileSpec } from '../api/cpu-feature-profile.ts'
import type { ToleratedDifference } from '../api/finding.ts'
import { fromHex64, toHex64 } from '../api/hex64.ts'
import type { FirmwareRegister, ImplementationId } from '../api/plan.ts'
import { getField } from '../arm64/field.ts'
import { FIRMWARE_REGISTERS } from '../arm64/firmware-register-table.generated.ts'
import { FEATURE_ID_REGISTERS } from '../arm64/register.ts'
import { registerBySpelling } from '../arm64/register-spelling.ts'
import type { FeatureIdRegister } from '../arm64/register.ts'
import { namesWithMore } from '../catalogue/names-with-more.ts'
import { sortedIds } from './baseline/common-list-exclusions.ts'
import type { NotAccepted } from './compile-result.ts'
import { fullViewPlan } from './full-view-plan.ts'
import type { FullViewResult } from './full-view-plan.ts'
import { nearestNames } from './spec/nearest-names.ts'
import { specifiableRegister } from './spec/register-entries.ts'
import type { ResolvedSpec } from './spec/resolve-spec.ts'
import { shownImplementation } from './spec/shown-implementation.ts'
import { IMPLEMENTATION_ID_REGISTERS, SPECIFIABLE_REGISTERS } from '../plan/specifiable.ts'
import { stillTolerated } from './baseline/tolerated-kind.ts'
import type { Tolerance } from './baseline/tolerated-kind.ts'

type LiteralView = NonNullable<CpuFeatureProfileSpec['base']['view']>

const LEVELLED = FIRMWARE_REGISTERS.filter(({ rule }) => rule !== 'Fixed').map(({ name }) => name)

const namedTwice = ({ registers }: LiteralView): NotAccepted | undefined => {
  const spellings = Map.groupBy(Object.keys(registers), (name) => registerBySpelling(name)?.name ?? name)
  const [twice] = [...spellings].filter(([, texts]) => texts.length > 1)
  return (
    twice && {
      kind: 'not-accepted',
      reason: 'ContradictingEntries',
      message: `spec.base.view.registers has ${twice[0]} twice, as ${twice[1].join(' and ')}; remove one of them`,
    }
  )
}

const unknownName = (view: LiteralView): NotAccepted | undefined => {
  const twice = namedTwice(view)
  if (twice !== undefined) return twice
  for (const name of Object.keys(view.registers)) {
    if (IMPLEMENTATION_ID_REGISTERS.has(registerBySpelling(name)?.name ?? '')) continue
    const register = specifiableRegister(name, `spec.base.view.registers.${name}`)
    if ('kind' in register) return register
  }
  for (const name of Object.keys(view.firmwareRegisters ?? {})) {
    if (LEVELLED.includes(name)) continue
    const place = `spec.base.view.firmwareRegisters.${name}`
    const nearest = nearestNames(name, LEVELLED)
    return {
      kind: 'not-accepted',
      reason: 'UnknownRegister',
      message: `${place}: not a firmware register that KVM lets user space lower; the nearest names are ${nearest}`,
    }
  }
  return undefined
}

const canonical = (view: LiteralView): Map<string, string> =>
  new Map(
    Object.entries(view.registers).map(([name, value]) => [
      registerBySpelling(name)?.name ?? name,
      toHex64(BigInt(value)),
    ]),
  )

const allRegisters = (named: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    FEATURE_ID_REGISTERS.filter(({ name, traits }) => named.has(name) || !traits.includes('NoDefault')).map(
      ({ name }) => [name, named.get(name) ?? '0x0'],
    ),
  )

const differencesIn = (
  register: FeatureIdRegister,
  tolerates: Tolerance,
  named: ReadonlyMap<string, string>,
): readonly ToleratedDifference[] =>
  register.fields.flatMap((field) => {
    const kind = (['Inert', 'Named'] as const).find((one) =>
      stillTolerated(one, { register: register.name, field }, tolerates),
    )
    const value = getField(fromHex64(named.get(register.name) ?? '0x0'), field)
    return kind === undefined ? [] : [{ register: register.name, field: field.name, kind, value }]
  })

/** The tolerated differences in the registers that a view leaves out of the list: inert ones, and those that the profile names. */
const toleratedIn = (
  exclude: readonly string[],
  tolerates: Tolerance,
  named: ReadonlyMap<string, string>,
): readonly ToleratedDifference[] =>
  FEATURE_ID_REGISTERS.filter(({ kvmRegisterId }) => exclude.includes(toHex64(kvmRegisterId))).flatMap(
    (register) => differencesIn(register, tolerates, named),
  )

const implementationIn = (named: ReadonlyMap<string, string>): ImplementationId => {
  const [midr, revidr, aidr] = [named.get('MIDR_EL1'), named.get('REVIDR_EL1'), named.get('AIDR_EL1')]
  return {
    ...(midr !== undefined && { midr }),
    ...(revidr !== undefined && { revidr }),
    ...(aidr !== undefined && { aidr }),
  }
}

const firmwareIn = ({ firmwareRegisters = {} }: LiteralView): FirmwareRegister[] =>
  FIRMWARE_REGISTERS.flatMap(({ name }) => {
    const value = firmwareRegisters[name]
    return value === undefined ? [] : [{ register: name, value: toHex64(BigInt(value)) }]
  })

const zeroNote = (named: ReadonlyMap<string, string>): readonly string[] => {
  const zero = SPECIFIABLE_REGISTERS.filter(
    ({ name, fields, traits }) => fields.length > 0 && !named.has(name) && !traits.includes('NoDefault'),
  ).map(({ name }) => name)
  if (zero.length === 0) return []
  return [`registers that the view does not name are specified as zero: ${namesWithMore(zero, 8)}`]
}

/** Guests see the implementation ID of a view only if the profile says so, because errata go by it. */
const midrNote = (named: ReadonlyMap<string, string>, { spec }: ResolvedSpec): readonly string[] =>
  named.has('MIDR_EL1') && spec.implementation?.midr === undefined
    ? [
        `spec.base.view.registers has MIDR_EL1 ${named.get('MIDR_EL1') ?? ''}, but guests see that of their host; ` +
          'set spec.implementation.midr: FromBaseline to show it everywhere',
      ]
    : []

/** Base `view`: the literal guest view, register by register; a register it does not name is specified as zero. */
export const literalViewPlan = (resolved: ResolvedSpec, view: LiteralView): FullViewResult => {
  const unknown = unknownName(view)
  if (unknown !== undefined) return unknown
  const named = canonical(view)
  const exclude = sortedIds((view.registerList?.exclude ?? []).map((id) => toHex64(BigInt(id))))
  const result = fullViewPlan(resolved, {
    registers: allRegisters(named),
    implementation: shownImplementation(resolved, implementationIn(named)),
    firmwareRegisters: firmwareIn(view),
    registerList: { exclude },
    untrapped: view.untrapped ?? {},
    ...(view.sveVectorLengths && { sveVectorLengths: view.sveVectorLengths }),
    tolerated: toleratedIn(exclude, resolved.tolerates, named),
  })
  if (result.kind !== 'planned') return result
  return { ...result, notes: [...result.notes, ...zeroNote(named), ...midrNote(named, resolved)] }
}
