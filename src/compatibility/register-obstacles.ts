import { toHex64 } from '../api/hex64.ts'
import { differingBits, hasAnyBit, onlyBits, withBitsOf } from '../arm64/bits.ts'
import { differsIn, getField, signedValue } from '../arm64/field.ts'
import type { Field } from '../arm64/field.ts'
import type { FeatureIdRegister, GuestView } from '../arm64/register.ts'
import { registerByName } from '../arm64/register.ts'
import { predictWrite } from '../prediction/predict-write.ts'
import type { PredictionHost } from '../prediction/prediction-host.ts'
import { SPECIFIABLE_REGISTERS, specifiableMask } from '../plan/specifiable.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { blocked, obstacle } from './reach-obstacle.ts'
import type { ReachObstacle } from './reach-obstacle.ts'
import { shownView } from './shown-view.ts'

const hex = (value: number): string => `0x${value.toString(16)}`

/** A host, and what a guest of the plan sees on it. */
type ShownHost = { readonly host: PredictionHost; readonly view: GuestView }

const takes = (host: PredictionHost, name: string, value: bigint): boolean =>
  host.limitView.get(name) === value || predictWrite(host, name, value).verdict === 'accepted'

const differing = (register: FeatureIdRegister, a: bigint, b: bigint): string =>
  register.fields
    .filter((field) => differsIn(field, a, b))
    .map(({ name }) => name)
    .join(', ')

/** A register in the stream: the destination must take the source's value. */
const inStream = (register: FeatureIdRegister, a: ShownHost, b: ShownHost): readonly ReachObstacle[] => {
  const { name } = register
  const [onA, onB] = [a.view.get(name), b.view.get(name)]
  if (onA === undefined || onB === undefined) return []
  const bits = specifiableMask(name)
  if (!hasAnyBit(differingBits(onA, onB), bits)) return []
  const carriedToB = withBitsOf(onB, bits, onA)
  const carriedToA = withBitsOf(onA, bits, onB)
  const blocks = blocked(!takes(b.host, name, carriedToB), !takes(a.host, name, carriedToA))
  if (blocks === undefined) return []
  const fields = differing(register, onlyBits(onA, bits), onlyBits(onB, bits))
  return [
    obstacle(blocks, 'FieldDiffers', {
      register: name,
      ...(fields !== '' && { field: fields.slice(0, 64) }),
      a: toHex64(onA),
      b: toHex64(onB),
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
    }),
  ]
}

const surpluses = (plan: ResolvedPlan, a: PredictionHost, b: PredictionHost): readonly ReachObstacle[] =>
  plan.tolerated
    .filter(({ difference: { kind } }) => kind === 'Surplus')
    .flatMap(({ difference, field }) => {
      const register = registerByName(difference.register)
      return register === undefined ? [] : surplusField(register, field, a, b)
    })

/** What of the ID registers keeps a VM from moving between two hosts that both fit the plan. */
export const registerObstacles = (
  plan: ResolvedPlan,
  a: PredictionHost,
  b: PredictionHost,
): readonly ReachObstacle[] => {
  const streamed = SPECIFIABLE_REGISTERS.filter(({ kvmRegisterId: id }) => !plan.excludedRegisters.has(id))
  const onA = { host: a, view: shownView(plan, a) }
  const onB = { host: b, view: shownView(plan, b) }
  return [...streamed.flatMap((register) => inStream(register, onA, onB)), ...surpluses(plan, a, b)]
}
