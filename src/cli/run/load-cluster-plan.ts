import { hostname } from 'node:os'
import { plan as planSchema } from '../../api/plan.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import { systemClock } from '../../runtime/clock.ts'
import { clusterLocation } from '../../runtime/cluster-location.ts'
import { unknownKeys } from '../../api/unknown-keys.ts'
import { PROFILES, REVISIONS } from '../../api/resources.ts'
import { revisionNotes } from '../input/revision-notes.ts'
import type { LoadedPlan } from './loaded-plan.ts'
import { namesUnknownKeys } from './names-unknown-keys.ts'
import type { RunOptions } from './run-options.ts'

const failed = (message: string) => ({ kind: 'failed', message }) as const

type FoundRevision =
  | { readonly kind: 'found'; readonly name: string; readonly spec: unknown }
  | { readonly kind: 'failed'; readonly message: string }

const loadRevision = async (client: KubeClient, profileName: string): Promise<FoundRevision> => {
  const profile = await client.get(PROFILES, { name: profileName })
  const name = profile.status?.currentRevision
  if (name === undefined) {
    const why = profile.status?.conditions?.find(({ status }) => status !== 'True')
    const because = why?.message ?? 'the controller has not compiled it'
    return failed(`CpuFeatureProfile ${profileName} has no revision yet: ${because}`)
  }
  const revision = await client.get(REVISIONS, { name })
  return { kind: 'found', name, spec: revision.spec }
}

/** The plan of a profile's current revision, from the cluster that the options name. */
export const loadClusterPlan = async (profile: string, options: RunOptions): Promise<LoadedPlan> => {
  const location = clusterLocation(options.kubeconfig)
  const { context } = options
  if (location.kubeconfig === undefined && location.inCluster === undefined)
    return failed(`--profile ${profile}: no cluster is configured: give --kubeconfig FILE or --plan FILE`)
  try {
    // Loaded only here, so that `run` with a plan file starts without it.
    const { createKubeClient } = await import('../../kube/create-kube-client.ts')
    const client = await createKubeClient({
      ...location,
      context,
      clock: systemClock,
      fieldManager: 'cpufeatures-run',
    })
    const revision = await loadRevision(client, profile)
    if (revision.kind === 'failed') return revision
    const plan = planSchema.safeParse(revision.spec)
    if (!plan.success) {
      return failed(
        `CpuFeatureProfileRevision ${revision.name} has a format that this version does not know: ${plan.error.message}`,
      )
    }
    const unknown = unknownKeys(revision.spec, plan.data)
    if (unknown.length > 0)
      return failed(namesUnknownKeys(`CpuFeatureProfileRevision ${revision.name}`, unknown))
    const report = { ...location, nodeName: options.nodeName ?? hostname(), revision: revision.name }
    return {
      kind: 'loaded',
      plan: plan.data,
      source: `CpuFeatureProfileRevision ${revision.name}`,
      notes: revisionNotes(revision.name, plan.data),
      report: context === undefined ? report : { ...report, context },
    }
  } catch (error) {
    return failed(`--profile ${profile}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
