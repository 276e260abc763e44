import type { ImplementationId } from '../../api/plan.ts'
import type { ResolvedSpec } from './resolve-spec.ts'

/** The implementation ID that a profile shows: a value, that of the base, or (undefined) the host's own. */
export const shownImplementation = (
  { spec }: ResolvedSpec,
  ofBase: ImplementationId | undefined,
): ImplementationId | undefined => {
  const midr = spec.implementation?.midr
  if (midr === undefined) return undefined
  return midr === 'FromBaseline' ? ofBase : { midr }
}
