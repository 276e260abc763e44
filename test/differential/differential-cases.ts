import type { HostDocument } from '../../src/api/host-document.ts'
import type { VcpuFeature } from '../../src/api/vcpu-feature.ts'
import type { Field } from '../../src/arm64/field.ts'
import { getField, setField } from '../../src/arm64/field.ts'
import { FEATURE_ID_REGISTERS } from '../../src/arm64/register.ts'
import type { FeatureIdRegister } from '../../src/arm64/register.ts'
import { limitViewOf } from '../../src/prediction/prediction-host.ts'
import type { VcpuConfiguration } from '../../src/prediction/prediction-host.ts'
import type { WriteCase } from '../../src/prediction/write-case.ts'

const NIBBLES = Array.from({ length: 16 }, (_, index) => BigInt(index * 4))
const VALUES = Array.from({ length: 16 }, (_, value) => value)

/** Mixes tried of each register, beside the values of each nibble. */
const MIXES = 24

/** The same numbers in [0, 1) every time: mulberry32. */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Every nibble, whether or not it is a field, in all its values. */
const nibbleValues = (limit: bigint): bigint[] =>
  NIBBLES.flatMap((shift) => VALUES.map((value) => (limit & ~(0xfn << shift)) | (BigInt(value) << shift)))

const smallFields = ({ fields }: FeatureIdRegister): readonly Field[] =>
  fields.filter(({ width }) => width <= 8)

const withEach = (
  fields: readonly Field[],
  limit: bigint,
  raw: (field: Field, limit: number) => number,
): bigint =>
  fields.reduce((value, field) => setField(value, field, raw(field, getField(limit, field))), limit)

/** Several fields at once: all low, all one lower, all high, and at random mostly lower. */
const mixedValues = (register: FeatureIdRegister, limit: bigint, random: () => number): bigint[] => {
  const fields = smallFields(register)
  if (fields.length < 2) return []
  const mix = (): bigint =>
    withEach(fields, limit, ({ width }, now) => {
      const dice = random()
      if (dice < 0.5) return now
      return dice < 0.9 ? Math.floor(random() * (now + 1)) : Math.floor(random() * 2 ** width)
    })
  return [
    withEach(fields, limit, () => 0),
    withEach(fields, limit, (_, now) => Math.max(0, now - 1)),
    withEach(fields, limit, ({ width }) => 2 ** width - 1),
    ...Array.from({ length: MIXES }, mix),
  ]
}

/** The vCPU features that an AArch64 VMM asks for together. */
const ALL_FEATURES: readonly VcpuFeature[] = ['sve', 'pointerAuthentication', 'pmu']

/** The vCPU features that a VMM asks for by name, and that few hosts have. */
const RARE_FEATURES: readonly VcpuFeature[] = ['el1_32bit', 'el2', 'mte']

/**
 * Plain, all vCPU features a VMM asks for, plain with the implementation ID, and each of the rare features alone: as far as the host
 * has them.
 */
export const differentialConfigurations = (document: HostDocument): VcpuConfiguration[] => [
  { vcpuFeatures: [], implementationId: false },
  {
    vcpuFeatures: ALL_FEATURES.filter((feature) => document.vcpuFeatures.includes(feature)),
    implementationId: false,
  },
  { vcpuFeatures: [], implementationId: true },
  ...RARE_FEATURES.filter((feature) => document.vcpuFeatures.includes(feature)).map((feature) => ({
    vcpuFeatures: [feature],
    implementationId: false,
  })),
]

const registerValues = (register: FeatureIdRegister, limit: bigint, random: () => number): bigint[] => [
  ...new Set([...nibbleValues(limit), ...mixedValues(register, limit, random)]),
]

/**
 * The cases of a host: every value 0..15 of every nibble of every feature ID register, and chosen values of several fields, in
 * each of the configurations above. `share` of 1 takes all, of n each n-th.
 */
export const differentialCases = (document: HostDocument, share = 1): WriteCase[] => {
  const random = seeded(0xc0ffee)
  const all = differentialConfigurations(document).flatMap((configuration) => {
    const view = limitViewOf(document, configuration)
    if (view === undefined) throw new Error(`${configuration.vcpuFeatures.join()}: not in the document`)
    return FEATURE_ID_REGISTERS.flatMap((register) =>
      registerValues(register, view.get(register.name) ?? 0n, random).map((value) => ({
        configuration,
        register: register.name,
        value,
      })),
    )
  })
  return all.filter((_, index) => index % share === 0)
}
