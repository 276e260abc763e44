import type { LaunchRefusal } from '../../api/finding.ts'
import type { RefusedPlace } from '../../api/node-cpu-features.ts'

/** The errno, by name, with which KVM refused a write to a register of this name; undefined if it refused none. */
export type ErrnoOf = (register: string) => string | undefined

/** Of a value, in the schema of the report. All SVE vector lengths are longer. */
const LONGEST = 64

const placeOf = ({ register, field, feature, wanted, shown, cause }: LaunchRefusal, errnoOf: ErrnoOf) => {
  const errno = cause ?? (register === undefined ? undefined : errnoOf(register))
  return {
    ...(register !== undefined && { register }),
    ...(field !== undefined && { field }),
    ...(feature !== undefined && { feature }),
    ...(wanted !== undefined && { wanted: wanted.slice(0, LONGEST) }),
    ...(shown !== undefined && { shown: shown.slice(0, LONGEST) }),
    ...(errno !== undefined && { errno: errno.slice(0, 32) }),
  } satisfies RefusedPlace
}

/** What a launch on a scratch VM did not come to, as a report has it. */
export const refusedPlaces = (
  refusals: readonly LaunchRefusal[],
  errnoOf: ErrnoOf,
): readonly RefusedPlace[] => refusals.map((refusal) => placeOf(refusal, errnoOf))
