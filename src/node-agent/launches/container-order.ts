import * as z from 'zod'
import { plan } from '../../api/plan.ts'
import { unknownKeys } from '../../api/unknown-keys.ts'
import { refusedPlace } from '../../catalogue/refusal-reasons.ts'
import { launchPolicy, type LaunchPolicy } from '../../launch/decide/launch-policy.ts'
import { containerIdentity } from './container-identity.ts'
import { PASS_REASONS } from './container-treatment.ts'

/** What an agent does for one listener, saved so that the next one needs no API server to go on. */
export const containerOrder = z.object({
  container: containerIdentity,
  treatment: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('level'), revision: z.string(), plan }),
    z.object({ kind: z.literal('pass'), why: z.enum(PASS_REASONS) }),
  ]),
})

export type ContainerOrder = z.infer<typeof containerOrder>

/** An order, and what a launch does for its plan where it has one; or what this version does not know of it. */
export type ReadContainerOrder =
  | { readonly kind: 'order'; readonly order: ContainerOrder; readonly policy: LaunchPolicy | undefined }
  | { readonly kind: 'unusable'; readonly why: string }

const unusable = (why: string): ReadContainerOrder => ({ kind: 'unusable', why })

/** Reads an order that another version may have saved. What it does not know it refuses: a launch without it would show something else. */
export const readContainerOrder = (given: unknown): ReadContainerOrder => {
  const parsed = containerOrder.safeParse(given)
  if (!parsed.success) return unusable('another version of cpufeatures wrote it')
  const [unknown] = unknownKeys(given, parsed.data)
  if (unknown !== undefined) return unusable(`this version does not know ${unknown.path.join('.')}`)
  const order = parsed.data
  if (order.treatment.kind === 'pass') return { kind: 'order', order, policy: undefined }
  const result = launchPolicy(order.treatment.plan)
  return result.kind === 'policy'
    ? { kind: 'order', order, policy: result.policy }
    : unusable(`this version does not know ${result.refusals.map(refusedPlace).join(', ')}`)
}
