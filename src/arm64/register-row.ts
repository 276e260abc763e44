import type { FieldRule } from './field.ts'

/** [name, least significant bit, width, signed, rule, safe value, 'value=name,...'] */
export type FieldRow = readonly [string, number, number, boolean, FieldRule, number, string]

/**
 * What is special about a register, from facts/registers.tsv:
 * - `Given`: KVM gives it to user space as a system register, so a guest view has it.
 * - `AArch32`: it describes AArch32. Where EL0 has none, KVM shows zero and ignores writes.
 * - `ImplementationId`: it names the CPU, and a plan has it in `implementation`.
 * - `TakenWhole`: its fields have no order. A baseline takes the whole register from one member.
 * - `NoDefault`: zero is not a sensible value. A view that does not name it leaves it to the host.
 * - `PerVcpu`: KVM keeps it for each vCPU, and every other register once for the VM.
 */
export type RegisterTrait = 'Given' | 'AArch32' | 'ImplementationId' | 'TakenWhole' | 'NoDefault' | 'PerVcpu'

/** [name, op1, CRm, op2, traits, fields]; op0 is 3 and CRn 0 for all of them. */
export type RegisterRow = readonly [
  string,
  number,
  number,
  number,
  readonly RegisterTrait[],
  readonly FieldRow[],
]
