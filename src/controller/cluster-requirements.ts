import { API_GROUP_VERSION } from '../api/names.ts'
import { isApiError } from '../kube/api-error.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import { BASELINES, PROFILES, REPORTS, REVISIONS } from '../api/resources.ts'

/** Resources that an API group version must serve, and what to do if it does not. */
type Requirement = {
  readonly groupVersion: string
  readonly plurals: readonly string[]
  readonly remedy: string
}

export const REQUIREMENTS: readonly Requirement[] = [
  {
    groupVersion: API_GROUP_VERSION,
    plurals: [PROFILES.plural, BASELINES.plural, REVISIONS.plural, REPORTS.plural],
    remedy: 'apply crds/',
  },
  {
    groupVersion: 'admissionregistration.k8s.io/v1',
    plurals: ['mutatingadmissionpolicies'],
    remedy: 'use Kubernetes 1.36 or newer, because a MutatingAdmissionPolicy gates pods',
  },
]

/**
 * What the cluster lacks, one sentence per item.
 *
 * @param served - by group version, the plurals that the API server serves; a group that is absent is not served at all
 */
export const missingRequirements = (served: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] =>
  REQUIREMENTS.flatMap(({ groupVersion, plurals, remedy }) => {
    const missing = plurals.filter((plural) => served.get(groupVersion)?.has(plural) !== true)
    return missing.length === 0
      ? []
      : [`the API server does not serve ${missing.join(', ')} of ${groupVersion}; ${remedy}`]
  })

/** Asks the API server's discovery for everything that is required. Throws ApiError if it gets no answer. */
export const servedResources = async (
  client: Pick<KubeClient, 'raw'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const served = new Map<string, ReadonlySet<string>>()
  for (const { groupVersion } of REQUIREMENTS) {
    try {
      const body = await client.raw(`/apis/${groupVersion}`, { signal })
      const { resources } = JSON.parse(body) as { resources: readonly { name: string }[] }
      served.set(groupVersion, new Set(resources.map(({ name }) => name)))
    } catch (error) {
      if (!isApiError(error, 404)) throw error
    }
  }
  return served
}
