import type { ImplementationId } from '../../api/plan.ts'
import type { ResolvedSpec } from './resolve-spec.ts'

/** The implementation ID a profile shows: by value, the base's, or (undefined) the host's own. */
export const shownImplementation = (
  { spec }: ResolvedSpec,
  ofBase: ImplementationId | undefined,
): ImplementationId | undefined => {
  const midr = spec.implementation?.midr
  if (midr === undefined) return undefined
  return midr === 'FromBaseline' ? ofBase : { midr }
}
