import { isAltered } from '../../plan/revision-name.ts'
import { REVISIONS } from '../../api/resources.ts'
import { refusedPlace } from '../../catalogue/refusal-reasons.ts'
import { getIfThere } from '../../kube/get-if-there.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import { launchPolicy, type LaunchPolicy } from '../../launch/decide/launch-policy.ts'
import type { Plan } from '../../api/plan.ts'
import { PODS } from '../resources.ts'
import type { ContainerIdentity } from './container-identity.ts'
import { containerTreatment, type ContainerTreatment } from './container-treatment.ts'

/** What is done with the VMs of a container, with the plan where there is one. */
export type LookedUp =
  | Extract<ContainerTreatment, { kind: 'pass' | 'refuse' }>
  | { readonly kind: 'level'; readonly revision: string; readonly plan: Plan; readonly policy: LaunchPolicy }

export type LookUpContext = {
  readonly client: Pick<KubeClient, 'get'>
  readonly isGlassBroken: (signal: AbortSignal) => Promise<boolean>
}

const levelled = async (context: LookUpContext, revision: string, signal: AbortSignal): Promise<LookedUp> => {
  const object = await getIfThere(context.client, REVISIONS, { name: revision }, signal)
  if (object === undefined) return { kind: 'refuse', reason: 'RevisionGone', detail: revision }
  if (isAltered(revision, object.spec)) return { kind: 'refuse', reason: 'RevisionAltered', detail: revision }
  const result = launchPolicy(object.spec)
  if (result.kind === 'policy') return { kind: 'level', revision, plan: object.spec, policy: result.policy }
  const names = result.refusals.map(refusedPlace).join(', ')
  return { kind: 'refuse', reason: 'PlanUnknown', detail: `${revision}: ${names}` }
}

/** Asks the API server what is to be done with the VMs of a container. Rejects with an ApiError where it does not answer. */
export const lookUpContainer = async (
  context: LookUpContext,
  { pod: { namespace, name, uid } }: ContainerIdentity,
  signal: AbortSignal,
): Promise<LookedUp> => {
  const pod = await getIfThere(context.client, PODS, { namespace, name }, signal)
  const treatment = containerTreatment({ pod, uid, breakGlass: false })
  if (treatment.kind === 'level') return levelled(context, treatment.revision, signal)
  const isUnpinned =
    treatment.kind === 'refuse' && (treatment.reason === 'NotPinned' || treatment.reason === 'StaticPod')
  return isUnpinned
    ? (containerTreatment({ pod, uid, breakGlass: await context.isGlassBroken(signal) }) as LookedUp)
    : treatment
}
