import type { ImplementationId } from '../api/plan.ts'

/** The implementation ID registers that are given, by Arm's name, with their 0x-strings; in the order of the mask array. */
export const implementationRegisters = ({ midr, revidr, aidr }: ImplementationId = {}): (readonly [
  register: string,
  value: string,
])[] =>
  (
    [
      ['MIDR_EL1', midr],
      ['REVIDR_EL1', revidr],
      ['AIDR_EL1', aidr],
    ] as const
  ).flatMap(([register, value]) => (value === undefined ? [] : [[register, value] as const]))
