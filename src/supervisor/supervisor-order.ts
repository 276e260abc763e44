import * as z from 'zod'
import { refusedPlace } from '../catalogue/refusal-reasons.ts'
import { plan } from '../api/plan.ts'
import { unknownKeys } from '../api/unknown-keys.ts'
import { launchPolicy, type LaunchPolicy } from '../launch/decide/launch-policy.ts'

/** Where to report a launch as an event: the cluster, and the NodeCpuFeatures that it concerns. */
export const launchReport = z.object({
  kubeconfig: z.string().optional(),
  /** The service account of the pod in which `run` is. */
  inCluster: z.object({ root: z.string() }).optional(),
  context: z.string().optional(),
  nodeName: z.string(),
  /** The launched revision. */
  revision: z.string(),
})

/** What `run` tells its supervisor first. */
export const supervisorOrder = z.object({
  plan,
  quiet: z.boolean(),
  recordFile: z.string().optional(),
  report: launchReport.optional(),
})

export type LaunchReport = z.infer<typeof launchReport>
export type SupervisorOrder = z.infer<typeof supervisorOrder>

/** An order, and what a launch does for its plan. */
export type UsableOrder = {
  readonly kind: 'order'
  readonly order: SupervisorOrder
  readonly policy: LaunchPolicy
}

/** An order that was read; or why this version cannot serve it. */
export type ReadOrder = UsableOrder | { readonly kind: 'unusable'; readonly message: string }

const unusable = (what: string): ReadOrder => ({
  kind: 'unusable',
  message: `${what}; use one version of cpufeatures for \`run\` and its supervisor`,
})

/**
 * Reads an order of another process, whose version may be another. An order with a key, register or feature that this version does not
 * know is refused: a launch without it would show a guest something else than was ordered.
 */
export const readOrder = (given: unknown): ReadOrder => {
  const parsed = supervisorOrder.safeParse(given)
  if (!parsed.success) return unusable('the supervisor does not understand what the launcher asks for')
  const unknown = unknownKeys(given, parsed.data).map(({ path }) => path.join('.'))
  if (unknown.length > 0)
    return unusable(`the supervisor does not know what the launcher asks for: ${unknown.join(', ')}`)
  const result = launchPolicy(parsed.data.plan)
  if (result.kind === 'policy') return { kind: 'order', order: parsed.data, policy: result.policy }
  const names = result.refusals.map(refusedPlace)
  return unusable(`the supervisor does not know what the plan names: ${names.join(', ')}`)
}
