import type { CompileInput, CompileResult } from './compile-result.ts'
import { hostBasePlan } from './host-base-plan.ts'
import { resolveSpec } from './resolve-spec.ts'

/**
 * Compiles a profile to a plan. Pure: the same input gives the same result, in whatever order the hosts come. Base `host` and
 * `view` depend on the spec alone; base `nodes` on the selected hosts, or on the baseline already taken.
 */
export const compileProfile = (input: CompileInput): CompileResult => {
  const resolved = resolveSpec(input.spec)
  if (resolved.kind === 'not-accepted') return resolved
  return { kind: 'compiled', plan: hostBasePlan(resolved), notes: resolved.notes }
}
