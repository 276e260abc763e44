import { toHex64 } from '../api/hex64.ts'
import type { Plan } from '../api/plan.ts'
import { fieldMask, getField, signedValue } from '../arm64/field.ts'
import { underCeilings } from '../arm64/field-ceiling.ts'
import type { Field } from '../arm64/field.ts'
import type { FeatureIdRegister } from '../arm64/register.ts'
import { fieldByName, registerByName } from '../arm64/register.ts'
import { predictWrite } from '../prediction/predict-write.ts'
import type { PredictionHost } from '../prediction/prediction-host.ts'
import { SPECIFIABLE_REGISTERS, specifiableMask } from '../plan/specifiable.ts'
import { NOTHING_PLANNED, planBits } from './plan-bits.ts'
import { blocked, obstacle } from './reach-obstacle.ts'
import type { ReachObstacle } from './reach-obstacle.ts'

const hex = (value: number): string => `0x${value.toString(16)}`

/** What a guest of the plan sees on a host, without what KVM takes from the VM's interrupt controller. */
const shown = (plan: Plan, host: PredictionHost, name: string): bigint | undefined => {
  const limit = host.limitView.get(name)
  if (limit === undefined) return undefined
  const { mask, value, ceilings } = planBits(plan).get(name) ?? NOTHING_PLANNED
  return underCeilings((limit & ~mask) | (value & mask), ceilings)
}

const takes = (host: PredictionHost, name: string, value: bigint): boolean =>
  host.limitView.get(name) === value || predictWrite(host, name, value).verdict === 'accepted'

const differing = (register: FeatureIdRegister, a: bigint, b: bigint): string =>
  register.fields
    .filter((field) => ((a ^ b) & fieldMask(field)) !== 0n)
    .map(({ name }) => name)
    .join(', ')

/** A register in the stream: the destination must take the source's value. */
const inStream = (
  plan: Plan,
  register: FeatureIdRegister,
  a: PredictionHost,
  b: PredictionHost,
): readonly ReachObstacle[] => {
  const { name } = register
  const [onA, onB] = [shown(plan, a, name), shown(plan, b, name)]
  if (onA === undefined || onB === undefined) return []
  const bits = specifiableMask(name)
  if (((onA ^ onB) & bits) === 0n) return []
  const carriedToB = (onA & bits) | (onB & ~bits)
  const carriedToA = (onB & bits) | (onA & ~bits)
  const blocks = blocked(!takes(b, name, carriedToB), !takes(a, name, carriedToA))
  if (blocks === undefined) return []
  const fields = differing(register, onA & bits, onB & bits)
  return [
    obstacle(blocks, 'FieldDiffers', {
      register: name,
      ...(fields !== '' && { field: fields.slice(0, 64) }),
      a: toHex64(onA),
      b: toHex64(onB),
      remedy: 'take a full-view base (nodes or view), which brings every field together',
    }),
  ]
}

const surplusField = (
  register: FeatureIdRegister,
  field: Field,
  a: PredictionHost,
  b: PredictionHost,
): readonly ReachObstacle[] => {
  const [onA, onB] = [a, b].map((host) => getField(host.limitView.get(register.name) ?? 0n, field))
  if (onA === undefined || onB === undefined || onA === onB) return []
  const richer = signedValue(field, onA) > signedValue(field, onB)
  return [
    obstacle(richer ? 'a-to-b' : 'b-to-a', 'ToleratedSurplus', {
      register: register.name,
      field: field.name,
      a: hex(onA),
      b: hex(onB),
      writable: false,
      remedy: 'none: VMs can move to the richer host, and not back',
    }),
  ]
}

const surpluses = (plan: Plan, a: PredictionHost, b: PredictionHost): readonly ReachObstacle[] =>
  plan.tolerated
    .filter(({ kind }) => kind === 'Surplus')
    .flatMap((entry) => {
      const register = registerByName(entry.register)
      const field = register && fieldByName(register, entry.field)
      return register && field ? surplusField(register, field, a, b) : []
    })

/** What of the ID registers keeps a VM from moving between two hosts that both fit the plan. */
export const registerObstacles = (
  plan: Plan,
  a: PredictionHost,
  b: PredictionHost,
): readonly ReachObstacle[] => {
  const excluded = new Set(plan.registerList.exclude)
  const streamed = SPECIFIABLE_REGISTERS.filter(({ kvmRegisterId }) => !excluded.has(toHex64(kvmRegisterId)))
  return [...streamed.flatMap((register) => inStream(plan, register, a, b)), ...surpluses(plan, a, b)]
}
