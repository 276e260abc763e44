import * as z from 'zod'
import { lowBits, numberInBits, onlyBits } from '../../../arm64/bits.ts'
import { FEATURE_ID_REGISTERS } from '../../../arm64/register.ts'
import { VCPU_FEATURE_FACTS } from '../../../arm64/vcpu-feature-table.generated.ts'
import { capabilitiesOf, vcpuFeatureOfInitBit } from '../../../arm64/vcpu-features.ts'
import type { VcpuFeature } from '../../../api/vcpu-feature.ts'
import { firecrackerTemplate } from '../../answers/firecracker-template.ts'
import type { FirecrackerTemplate } from '../../answers/firecracker-template.ts'
import { InputError } from '../input-error.ts'
import type { ForeignHost } from './foreign-host.ts'

/** The bits of a register that a template sets; the others are the host's. */
export type TemplateRegister = { readonly id: bigint; readonly mask: bigint; readonly value: bigint }

/** A CPU template: the bits that guests must have. It says nothing about a host. */
export type ForeignTemplate = {
  readonly kind: 'template'
  readonly registers: readonly TemplateRegister[]
  /** Those it asks for (true), and those it must not have. */
  readonly vcpuFeatures: ReadonlyMap<VcpuFeature, boolean>
}

const wrapped = z.object({
  kernel_version: z.string().max(128).optional().catch(undefined),
  guest_cpu_config: z.unknown(),
})

const isOfFirecracker = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  ['reg_modifiers', 'guest_cpu_config', 'cpuid_modifiers', 'msr_modifiers'].some((key) => key in value)

const nameOf = (id: bigint): string =>
  FEATURE_ID_REGISTERS.find(({ kvmRegisterId }) => kvmRegisterId === id)?.name ??
  `register 0x${id.toString(16)}`

// KVM_REG_SIZE, include/uapi/linux/kvm.h: bits 55:52 are the logarithm of the bytes.
const bitsOf = (id: bigint): number => 8 * 2 ** numberInBits(id, 52, 4)

type Modifier = FirecrackerTemplate['reg_modifiers'][number]

const registerOf = ({ addr, bitmap }: Modifier, index: number, source: string): TemplateRegister => {
  const id = BigInt(addr)
  const digits = bitmap.slice(2).replaceAll('_', '')
  const mask = BigInt(`0b0${digits.replaceAll(/[01]/g, '1').replaceAll('x', '0')}`)
  const value = BigInt(`0b0${digits.replaceAll('x', '0')}`)
  const own = lowBits(bitsOf(id))
  // Dumps pad every register to 128 digits with zeros.
  if (value <= own) return { id, mask: onlyBits(mask, own), value }
  throw new InputError(
    `${source}: reg_modifiers[${index}]: the bitmap of ${nameOf(id)} is of more than ${bitsOf(id)} bits, which the register has`,
  )
}

const registersOf = ({ reg_modifiers }: FirecrackerTemplate, source: string): readonly TemplateRegister[] => {
  const registers = reg_modifiers.map((modifier, index) => registerOf(modifier, index, source))
  const seen = new Map<bigint, number>()
  for (const [index, { id }] of registers.entries()) {
    const before = seen.get(id)
    if (before !== undefined)
      throw new InputError(
        `${source}: ${nameOf(id)} is in it twice (reg_modifiers[${before}], reg_modifiers[${index}]); keep the one that is right`,
      )
    seen.set(id, index)
  }
  return registers
}

const initBitsIn = ({
  vcpu_features,
}: FirecrackerTemplate): readonly (readonly [bit: number, isSet: boolean])[] =>
  vcpu_features
    .filter(({ index }) => index === 0)
    .flatMap(({ bitmap }) =>
      Array.from(bitmap.slice(2).replaceAll('_', ''))
        .toReversed()
        .flatMap((digit, bit) => (digit === 'x' ? [] : [[bit, digit === '1'] as const])),
    )

/** `170` says that KVM must have the capability, `!170` that it need not. */
const ofCapabilities = ({ kvm_capabilities }: FirecrackerTemplate): readonly VcpuFeature[] =>
  Object.values(VCPU_FEATURE_FACTS).flatMap(({ name }) =>
    capabilitiesOf(name).some(({ number }) => kvm_capabilities.includes(String(number))) ? [name] : [],
  )

const vcpuFeaturesOf = (template: FirecrackerTemplate): ReadonlyMap<VcpuFeature, boolean> =>
  new Map([
    ...initBitsIn(template).flatMap(([bit, isSet]) => {
      const feature = vcpuFeatureOfInitBit(bit)
      return feature === undefined ? [] : [[feature, isSet] as const]
    }),
    ...ofCapabilities(template).map((feature) => [feature, true] as const),
  ])

const MIDR = FEATURE_ID_REGISTERS.find(({ name }) => name === 'MIDR_EL1')?.kvmRegisterId

/** A dump has every bit of every register, including MIDR_EL1, or says of which host it is. Any other file describes guests. */
const isTemplate = (
  { reg_modifiers }: FirecrackerTemplate,
  registers: readonly TemplateRegister[],
  isOfHost: boolean,
): boolean =>
  reg_modifiers.some(({ bitmap }) => bitmap.includes('x')) ||
  (!isOfHost && !registers.some(({ id }) => id === MIDR))

const isEmpty = ({ reg_modifiers, vcpu_features, kvm_capabilities }: FirecrackerTemplate): boolean =>
  reg_modifiers.length + vcpu_features.length + kvm_capabilities.length === 0

const templateIn = (config: unknown, source: string): FirecrackerTemplate => {
  if (
    typeof config === 'object' &&
    config !== null &&
    ('cpuid_modifiers' in config || 'msr_modifiers' in config)
  )
    throw new InputError(
      `${source} is a CPU template or dump of an x86 host (it has CPUID and MSRs); profiles are for arm64`,
    )
  const result = firecrackerTemplate.safeParse(config)
  if (result.success && !isEmpty(result.data)) return result.data
  const [problem] = result.error?.issues ?? []
  throw new InputError(
    `${source} is not a dump of Firecracker's cpu-template-helper (\`template dump\` or \`fingerprint dump\`): ` +
      (problem === undefined ? 'reg_modifiers is empty' : `${problem.path.join('.')}: ${problem.message}`),
  )
}

/**
 * A dump or a template of Firecracker's cpu-template-helper; undefined if a value is neither. Throws InputError if it is
 * malformed, or of an x86 host.
 */
export const readFirecracker = (
  value: unknown,
  source: string,
): ForeignHost | ForeignTemplate | undefined => {
  if (!isOfFirecracker(value)) return undefined
  const outer = 'guest_cpu_config' in value ? wrapped.parse(value) : undefined
  const template = templateIn(outer?.guest_cpu_config ?? value, source)
  const registers = registersOf(template, source)
  const vcpuFeatures = vcpuFeaturesOf(template)
  if (isTemplate(template, registers, outer !== undefined))
    return { kind: 'template', registers, vcpuFeatures }
  return {
    kind: 'host',
    from: "a dump of Firecracker's cpu-template-helper",
    ...(outer?.kernel_version !== undefined && { kernel: outer.kernel_version }),
    registers: new Map(registers.map(({ id, value: bits }) => [id, bits])),
    ofKvm: true,
    vcpuFeatures: [...vcpuFeatures].flatMap(([feature, isGiven]) => (isGiven ? [feature] : [])),
    cores: [],
    notes: [],
  }
}
