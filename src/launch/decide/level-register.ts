import type { PlannedRegister } from './planned-register.ts'

/**
 * What a register shall be on a vCPU that shows `had`: the planned bits as planned, the others as they are. A field whose
 * vCPU feature this VMM did not ask for is 0 and stays 0: raising it would be refused.
 */
export const levelRegister = (planned: PlannedRegister, had: bigint): bigint => {
  const mask = planned.optionalFields.reduce(
    (rest, field) => ((had & field) === 0n ? rest & ~field : rest),
    planned.mask,
  )
  return (had & ~mask) | (planned.value & mask)
}
