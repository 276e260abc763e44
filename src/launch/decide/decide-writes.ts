import type { LaunchRefusal } from '../../api/finding.ts'
import { toHex64 } from '../../api/hex64.ts'
import { ERRNO } from '../../linux/abi/errno.ts'
import { errnoName } from '../../linux/errno.ts'
import { levelled, missingRegisters } from '../../plan/level.ts'
import type { PlannedRegister } from '../../plan/planned-register.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'

/** What KVM_GET_ONE_REG gave: a value, or the errno. */
export type RegisterRead =
  { readonly errno: 0; readonly value: bigint } | { readonly errno: number; readonly value: undefined }

/** A register that is to be written. */
export type WantedWrite = {
  readonly planned: PlannedRegister
  readonly wanted: bigint
  readonly before: bigint
}

const unread = ({ name, value }: PlannedRegister, errno: number): LaunchRefusal =>
  refusal({
    reason: errno === ERRNO.ENOENT ? 'RegisterHidden' : 'ReadFailed',
    register: name,
    wanted: toHex64(value),
    cause: errnoName(errno),
  })

const shownView = (
  registers: readonly PlannedRegister[],
  reads: readonly RegisterRead[],
): ReadonlyMap<string, bigint> =>
  new Map(
    registers.flatMap(({ name }, index): [string, bigint][] => {
      const value = reads[index]?.value
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** Which registers of a vCPU are to be written, from what it shows (in the order of `registers`): those that differ from the plan. */
export const decideWrites = (
  registers: readonly PlannedRegister[],
  reads: readonly RegisterRead[],
): { readonly writes: readonly WantedWrite[]; readonly refusals: readonly LaunchRefusal[] } => {
  const view = shownView(registers, reads)
  const wantedView = levelled(registers, view)
  const missing = new Set(missingRegisters(registers, view))
  const writes: WantedWrite[] = []
  const refusals: LaunchRefusal[] = []
  registers.forEach((planned, index) => {
    const [before, wanted] = [view.get(planned.name), wantedView.get(planned.name)]
    if (before === undefined || wanted === undefined) {
      const errno = reads[index]?.errno ?? ERRNO.ENOENT
      if (errno !== ERRNO.ENOENT || missing.has(planned)) refusals.push(unread(planned, errno))
    } else if (wanted !== before) {
      writes.push({ planned, wanted, before })
    }
  })
  return { writes, refusals }
}
