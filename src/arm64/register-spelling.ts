import { ALL_ENCODINGS, kvmRegisterId, registerByKvmId, registerByName } from './register.ts'
import type { FeatureIdRegister } from './register.ts'

/** Letters and digits alone, in lower case: `ID_AA64PFR0_EL1`, `IdAa64Pfr0El1` and `id-aa64pfr0-el1` are one. */
const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

// What kernels, hypervisors and debuggers put before Arm's name: Linux's SYS_, macOS's HV_SYS_REG_ and HV_FEATURE_REG_, Windows'
// WHvArm64Register, QEMU's SYSREG_, and the structure it is a member of (`cpu->isar.id_aa64pfr0`).
const PREFIX = /^(hvsysreg|hvfeaturereg|whvarm64register|hvarm64register|kvmregarm64sys|sysreg|sys|reg)(?=.)/

const withoutLevel = (name: string): string => name.replace(/el[01]$/, '')

const NAMED = ALL_ENCODINGS.filter(({ name }) => !name.startsWith('S3_'))

/** Every plain form that names one register alone: `AA64PFR0` does, `PFR0` would be ID_PFR0_EL1's and ID_AA64PFR0_EL1's. */
const byPlain = new Map(
  NAMED.flatMap((register) => {
    const whole = plain(register.name)
    const short = withoutLevel(whole)
    const forms = [whole, short, ...(short.startsWith('idaa64') ? [whole.slice(2), short.slice(2)] : [])]
    return forms.map((form) => [form, register] as const)
  }),
)

// KVM_REG_ARM64 is 0x6 in the highest digit: 16 hexadecimal or 19 decimal digits.
const KVM_ID = /^(?:0x)?60[0-9a-f]{14}$/i
const DECIMAL_KVM_ID = /^69\d{17}$/

/** The ONE_REG id that a text is: `0x603000000013c020`, in any case, or decimal as QEMU and Firecracker print it in errors. */
export const kvmIdIn = (text: string): bigint | undefined => {
  if (KVM_ID.test(text)) return BigInt(text.toLowerCase().startsWith('0x') ? text : `0x${text}`)
  return DECIMAL_KVM_ID.test(text) ? BigInt(text) : undefined
}

// S3_0_C0_C4_0, s3_0_0_4_0, sys_reg(3, 0, 0, 4, 0), Op0( 3), Op1( 0), CRn( 0), CRm( 4), Op2( 0).
const ENCODING = /^(?:sys_)?(?:s3_|sys_reg\s*\(|\{?\s*op0)/i

const byEncoding = (text: string): FeatureIdRegister | undefined => {
  if (!ENCODING.test(text)) return undefined
  const numbers = text
    .replaceAll(/op[012]|cr[nm]/gi, '')
    .match(/\d+/g)
    ?.map(Number)
  if (numbers?.length !== 5) return undefined
  const [op0 = 0, op1 = 0, crn = 0, crm = 0, op2 = 0] = numbers
  return registerByKvmId(kvmRegisterId({ op0, op1, crn, crm, op2 }))
}

const named = (text: string): FeatureIdRegister | undefined => {
  const [member = ''] = text.split(/->|\./).slice(-1)
  const name = plain(member)
  return byPlain.get(name) ?? byPlain.get(name.replace(PREFIX, ''))
}

/**
 * The register that a text names in any spelling that is in use, if it names only one: Arm's name in any case, with or without
 * the prefixes of other programs and the exception level, by encoding, or KVM's id. Undefined outside the feature ID space.
 */
export const registerBySpelling = (text: string): FeatureIdRegister | undefined => {
  const exact = registerByName(text)
  if (exact !== undefined) return exact
  const id = kvmIdIn(text)
  return id === undefined ? (byEncoding(text) ?? named(text)) : registerByKvmId(id)
}
