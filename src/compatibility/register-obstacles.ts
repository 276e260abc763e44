import { toHex64 } from '../api/hex64.ts'
import { differingBits, hasAnyBit, onlyBits, withBitsOf } from '../arm64/bits.ts'
import { differsIn, getField, signedValue } from '../arm64/field.ts'
import type { Field } from '../arm64/field.ts'
import type { FeatureIdRegister, GuestView } from '../arm64/register.ts'
import { registerByName } from '../arm64/register.ts'
import { predictWrite } from '../prediction/predict-write.ts'
import type { PredictionHost } from '../prediction/prediction-host.ts'
import type { Told } from '../prediction/told-of-host.ts'
import { SPECIFIABLE_REGISTERS, specifiableMask } from '../plan/specifiable.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { remembered } from '../plan/remembered.ts'
import { namesText } from './names-text.ts'
import { blocked, obstacle } from './reach-obstacle.ts'
import type { ReachObstacle } from './reach-obstacle.ts'
import { shownView } from './shown-view.ts'

const hex = (value: number): string => `0x${value.toString(16)}`

/** A host, and what a guest of the plan sees on it. */
type ShownHost = { readonly host: PredictionHost; readonly view: GuestView }

/** Whether a host takes a value; `unknown` if its document does not tell what decides. */
const takes = (host: PredictionHost, name: string, value: bigint): Told => {
  if (host.limitView.get(name) === value) return 'yes'
  const { verdict } = predictWrite(host, name, value)
  if (verdict === 'unknown') return verdict
  return verdict === 'accepted' ? 'yes' : 'no'
}

const differing = (register: FeatureIdRegister, a: bigint, b: bigint): string =>
  register.fields
    .filter((field) => differsIn(field, a, b))
    .map(({ name }) => name)
    .join(', ')

/** A register in the stream: the destination must take the source's value. */
const inStream = (register: FeatureIdRegister, a: ShownHost, b: ShownHost): readonly ReachObstacle[] => {
  const { name } = register
  const [onA, onB] = [a.view.get(name), b.view.get(name)]
  if (onA === undefined || onB === undefined || onA === onB) return []
  const bits = specifiableMask(name)
  if (!hasAnyBit(differingBits(onA, onB), bits)) return []
  const taken = [
    takes(b.host, name, withBitsOf(onB, bits, onA)),
    takes(a.host, name, withBitsOf(onA, bits, onB)),
  ] as const
  const fields = differing(register, onlyBits(onA, bits), onlyBits(onB, bits))
  const said = {
    register: name,
    ...(fields !== '' && { field: fields.slice(0, 64) }),
    a: toHex64(onA),
    b: toHex64(onB),
  }
  const [refused, unknown] = (['no', 'unknown'] as const).map((one) =>
    blocked(taken[0] === one, taken[1] === one),
  )
  return [
    ...(refused === undefined ? [] : [obstacle(refused, 'FieldDiffers', said)]),
    ...(unknown === undefined ? [] : [obstacle(unknown, 'WritableUnknown', said)]),
  ]
}

/** The registers of a stream of which the document of a host does not tell. */
const untold = (
  streamed: readonly FeatureIdRegister[],
  { untold: what, limitView }: PredictionHost,
): readonly string[] =>
  what?.registers === true
    ? streamed.filter(({ name, fields }) => fields.length > 0 && !limitView.has(name)).map(({ name }) => name)
    : []

const untoldObstacles = (
  streamed: readonly FeatureIdRegister[],
  a: PredictionHost,
  b: PredictionHost,
): readonly ReachObstacle[] => {
  const [ofA, ofB] = [untold(streamed, a), untold(streamed, b)]
  if (ofA.length + ofB.length === 0) return []
  return [obstacle('both', 'RegistersUnknown', { a: namesText(ofA), b: namesText(ofB) })]
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

const streamedUnder = remembered(
  ({ excludedRegisters: excluded }: ResolvedPlan): readonly FeatureIdRegister[] =>
    SPECIFIABLE_REGISTERS.filter(({ kvmRegisterId: id }) => !excluded.has(id)),
)

/** The ID registers that keep a VM from moving between two hosts that both fit the plan. */
export const registerObstacles = (
  plan: ResolvedPlan,
  a: PredictionHost,
  b: PredictionHost,
): readonly ReachObstacle[] => {
  const streamed = streamedUnder(plan)
  const onA = { host: a, view: shownView(plan, a) }
  const onB = { host: b, view: shownView(plan, b) }
  return [
    ...streamed.flatMap((register) => inStream(register, onA, onB)),
    ...surpluses(plan, a, b),
    ...untoldObstacles(streamed, a, b),
  ]
}
