import { FactsProblem } from './facts-problem.ts'
import { cell, readTsv } from './read-tsv.ts'
import type { TsvRow } from './read-tsv.ts'
import type { VcpuFeatureFacts } from '../../src/arm64/vcpu-features.ts'

const numbersOf = (kind: string): ReadonlyMap<string, number> =>
  new Map(
    readTsv('kvm_numbers')
      .filter((row) => cell(row, 'kind') === kind)
      .map((row) => [cell(row, 'name'), Number(cell(row, 'number'))]),
  )

const names = (row: TsvRow, column: string): readonly string[] =>
  cell(row, column) === '-' ? [] : cell(row, column).split(',')

const numberOf = (numbers: ReadonlyMap<string, number>, name: string): number => {
  const number = numbers.get(name)
  if (number === undefined)
    throw new FactsProblem(
      `facts/kvm_numbers.tsv has no row for ${name}, which facts/vcpu_features.tsv names: add it`,
    )
  return number
}

const constants = (numbers: ReadonlyMap<string, number>): string =>
  [...numbers].map(([name, number]) => `  ${name}: ${number},`).join('\n')

/** The text of `src/linux/abi/kvm-numbers.generated.ts`. */
export const kvmNumbers = (): string => `
/** Capabilities of KVM, by number, that decide what a guest's CPU can be (include/uapi/linux/kvm.h). */
export const KVM_CAPABILITIES = {
${constants(numbersOf('capability'))}
} as const

export type KvmCapability = keyof typeof KVM_CAPABILITIES

/** The bits of kvm_vcpu_init.features[0], by their number (arch/arm64/include/uapi/asm/kvm.h). */
export const KVM_VCPU_INIT_BITS = {
${constants(numbersOf('init-bit'))}
} as const
`

const factsOf = (row: TsvRow): unknown => {
  const capabilities = numbersOf('capability')
  const bits = numbersOf('init-bit')
  const named = (column: string): readonly unknown[] =>
    names(row, column).map((name) => ({ name, number: numberOf(capabilities, name) }))
  const numbered = (column: string): readonly number[] =>
    names(row, column).map((name) => numberOf(bits, name))
  const [enable] = named('enable')
  const feature = cell(row, 'feature')
  const facts: Readonly<Record<keyof VcpuFeatureFacts, unknown>> = {
    name: feature,
    initBits: numbered('init_bits'),
    capabilities: named('capabilities'),
    variantInitBits: numbered('variant_init_bits'),
    variantCapabilities: named('variant_capabilities'),
    enable,
    isUsual: cell(row, 'usual') === 'y',
    fields: readTsv('vcpu_feature_fields')
      .filter((one) => cell(one, 'feature') === feature)
      .map((one) => [cell(one, 'register'), cell(one, 'field')]),
  }
  return facts
}

/** Bits of VCPU_INIT that no vCPU feature has: how a vCPU starts and its PSCI version. */
const neutralBits = (): readonly number[] => {
  const taken = new Set(
    readTsv('vcpu_features').flatMap((row) => [
      ...names(row, 'init_bits'),
      ...names(row, 'variant_init_bits'),
    ]),
  )
  return [...numbersOf('init-bit')].filter(([name]) => !taken.has(name)).map(([, number]) => number)
}

/** The text of `src/arm64/vcpu-feature-table.generated.ts`. */
export const vcpuFeatureTable = (): string => `import type { VcpuFeature } from '../api/vcpu-feature.ts'
import type { VcpuFeatureFacts } from './vcpu-features.ts'

/** Every vCPU feature, by our name. */
export const VCPU_FEATURE_FACTS: Readonly<Record<VcpuFeature, VcpuFeatureFacts>> = {
${readTsv('vcpu_features')
  .map((row) => `  ${cell(row, 'feature')}: ${JSON.stringify(factsOf(row))},`)
  .join('\n')}
}

/** Bits of kvm_vcpu_init.features[0] that are no vCPU feature: how a vCPU starts and its PSCI version. */
export const NEUTRAL_INIT_BITS: readonly number[] = ${JSON.stringify(neutralBits())}
`

/** The text of `src/api/vcpu-feature-descriptions.generated.ts`. */
export const vcpuFeatureDescriptions = (): string => `
/** Every vCPU feature by our name, with a sentence for people. */
export const VCPU_FEATURE_DESCRIPTIONS = {
${readTsv('vcpu_features')
  .map((row) => `  ${cell(row, 'feature')}: ${JSON.stringify(cell(row, 'description'))},`)
  .join('\n')}
} as const
`
