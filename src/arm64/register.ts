import type { Field } from './field.ts'
import type { FieldRow, RegisterRow, RegisterTrait } from './register-row.ts'
import { REGISTER_TABLE } from './register-table.generated.ts'

/** A register of the feature ID space: op0 = 3, op1 in {0, 1, 3}, CRn = 0, CRm 0..7. */
export type FeatureIdRegister = {
  /** Arm's name; `S3_0_C0_C3_3` and so on where the encoding is unallocated (it then reads as zero). */
  readonly name: string
  readonly op1: number
  readonly crm: number
  readonly op2: number
  readonly kvmRegisterId: bigint
  readonly traits: readonly RegisterTrait[]
  /** From the highest bit down; empty if the encoding is unallocated. */
  readonly fields: readonly Field[]
}

/** The five numbers that name an AArch64 system register. */
export type Encoding = {
  readonly op0: number
  readonly op1: number
  readonly crn: number
  readonly crm: number
  readonly op2: number
}

/** The values of a guest's feature ID registers, by the register's name. */
export type GuestView = ReadonlyMap<string, bigint>

// KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG, arch/arm64/include/uapi/asm/kvm.h (Linux 6.12).
const KVM_SYSREG = 0x6030_0000_0013_0000n

/** KVM's ONE_REG id of a system register (ARM64_SYS_REG in the UAPI header). */
export const kvmRegisterId = ({ op0, op1, crn, crm, op2 }: Encoding): bigint =>
  KVM_SYSREG | BigInt((op0 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2)

/**
 * Where a register's mask is in the array KVM_ARM_GET_REG_WRITABLE_MASKS fills (192 entries):
 * KVM_ARM_FEATURE_ID_RANGE_INDEX, arch/arm64/include/uapi/asm/kvm.h (Linux 6.12).
 */
export const maskRangeIndex = ({ op1, crm, op2 }: Pick<Encoding, 'op1' | 'crm' | 'op2'>): number =>
  (op1 === 3 ? 2 : op1) * 64 + crm * 8 + op2

/** The entries of the array above. */
export const MASK_RANGE_LENGTH = 192

const toField = ([name, shift, width, signed, rule, safeValue, values]: FieldRow): Field => ({
  name,
  shift,
  width,
  signed,
  rule,
  safeValue,
  values: values
    .split(',')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [value = '', label = ''] = entry.split('=')
      return { value: Number(value), name: label }
    }),
})

const encodingName = (op1: number, crm: number, op2: number): string => `S3_${op1}_C0_C${crm}_${op2}`

const toRegister = ([name, op1, crm, op2, traits, fields]: RegisterRow): FeatureIdRegister => ({
  name,
  op1,
  crm,
  op2,
  kvmRegisterId: kvmRegisterId({ op0: 3, op1, crn: 0, crm, op2 }),
  traits,
  fields: fields.map(toField),
})

const named = new Map(
  REGISTER_TABLE.map((row) => [maskRangeIndex({ op1: row[1], crm: row[2], op2: row[3] }), row]),
)

// KVM gives user space all of op1 = 0, CRm 1..7; what is unallocated there reads as zero (sys_reg_descs, Linux 6.12).
const unallocated = (op1: number, crm: number, op2: number): RegisterRow => [
  encodingName(op1, crm, op2),
  op1,
  crm,
  op2,
  op1 === 0 && crm >= 1 ? ['Given'] : [],
  [],
]

/** All 192 registers of the range, in the order of KVM's mask array. */
export const ALL_ENCODINGS: readonly FeatureIdRegister[] = Array.from(
  { length: MASK_RANGE_LENGTH },
  (_, index) => {
    const op1 = [0, 1, 3][index >> 6] ?? 0
    const crm = (index >> 3) & 7
    const op2 = index & 7
    return toRegister(named.get(index) ?? unallocated(op1, crm, op2))
  },
)

/** The registers a guest view consists of: those KVM gives user space, in the order of the mask array. */
export const FEATURE_ID_REGISTERS: readonly FeatureIdRegister[] = ALL_ENCODINGS.filter(({ traits }) =>
  traits.includes('Given'),
)

const byName = new Map(
  ALL_ENCODINGS.flatMap((register) => [
    [register.name, register],
    [encodingName(register.op1, register.crm, register.op2), register],
  ]),
)

const byKvmId = new Map(ALL_ENCODINGS.map((register) => [register.kvmRegisterId, register]))

/** The register of a name, Arm's (`ID_AA64ISAR0_EL1`) or by encoding (`S3_0_C0_C6_0`); undefined outside the feature ID space. */
export const registerByName = (name: string): FeatureIdRegister | undefined => byName.get(name)

/** The register of a KVM ONE_REG id; undefined outside the feature ID space. */
export const registerByKvmId = (id: bigint): FeatureIdRegister | undefined => byKvmId.get(id)

/** The field of a name, in any spelling of case (Arm's `TGran4` is Linux's `TGRAN4`). */
export const fieldByName = (register: FeatureIdRegister, name: string): Field | undefined =>
  register.fields.find((field) => field.name.toLowerCase() === name.toLowerCase())

/** The field of a register, both by name; undefined if there is none. */
export const fieldNamed = (registerName: string, fieldName: string): Field | undefined => {
  const register = registerByName(registerName)
  return register && fieldByName(register, fieldName)
}
