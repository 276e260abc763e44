import type { Baseline, CpuFeatureProfileSpec } from '../api/cpu-feature-profile.ts'
import { baselineOfArchitecture } from './baseline/baseline-of-architecture.ts'
import { baselineOfNodes } from './baseline/baseline-of-nodes.ts'
import type { NodesBaseline } from './baseline/baseline-of-nodes.ts'
import type { CompileInput, CompileResult } from './compile-result.ts'
import { fullViewPlan } from './full-view-plan.ts'
import type { FullViewResult } from './full-view-plan.ts'
import { hostBasePlan } from './host-base-plan.ts'
import { literalViewPlan } from './literal-view.ts'
import { modelByName } from './baseline/model-view.ts'
import { resolveSpec } from './spec/resolve-spec.ts'
import type { ResolvedSpec } from './spec/resolve-spec.ts'
import { shownImplementation } from './spec/shown-implementation.ts'

/** Whether the base of a profile is taken from hosts. */
export const isTakenFromHosts = ({ base }: CpuFeatureProfileSpec): boolean =>
  base.nodes !== undefined || base.architecture !== undefined

const compiled = (result: FullViewResult, notes: readonly string[], baseline?: Baseline): CompileResult =>
  result.kind === 'planned'
    ? {
        kind: 'compiled',
        plan: result.plan,
        ...(baseline && { baseline }),
        notes: [...notes, ...result.notes],
      }
    : result

const hiddenMidrNotes = ({ hiddenMidrs, implementation }: Baseline): readonly string[] =>
  hiddenMidrs.length === 0
    ? []
    : [
        `guests see MIDR_EL1 ${implementation?.midr ?? ''} everywhere and do not know the errata of CPUs with ` +
          hiddenMidrs.join(', '),
      ]

const compileBaseline = (resolved: ResolvedSpec, result: NodesBaseline): CompileResult => {
  if (result.kind !== 'baseline') return result
  const { baseline } = result
  const plan = fullViewPlan(resolved, {
    ...baseline,
    implementation: shownImplementation(resolved, baseline.implementation),
  })
  return compiled(plan, [...result.notes, ...hiddenMidrNotes(baseline)], baseline)
}

/**
 * Compiles a profile to a plan. Pure: the same input gives the same result, whatever the order of the hosts. Bases `host`,
 * `view` and `model` depend on the spec alone; bases `nodes` and `architecture` on the hosts, or on the baseline already taken.
 */
export const compileProfile = (input: CompileInput): CompileResult => {
  const resolved = resolveSpec(input.spec)
  if (resolved.kind === 'not-accepted') return resolved
  const { nodes, architecture, view, model } = input.spec.base
  if (nodes !== undefined) return compileBaseline(resolved, baselineOfNodes(input, resolved, nodes))
  if (architecture !== undefined)
    return compileBaseline(resolved, baselineOfArchitecture(input, resolved, architecture))
  if (view !== undefined) return compiled(literalViewPlan(resolved, view), [])
  if (model !== undefined) {
    const found = modelByName(model.name)
    return 'kind' in found ? found : compiled(literalViewPlan(resolved, { registers: found.registers }), [])
  }
  return {
    kind: 'compiled',
    plan: hostBasePlan(resolved),
    notes: [...resolved.notes, ...resolved.dependents],
  }
}
