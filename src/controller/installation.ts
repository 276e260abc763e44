import { INSTALLED_OBJECTS, installationProblem } from '../api/installed-objects.ts'
import { isApiError } from '../kube/api-error.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import type { KubeObject } from '../kube/kube-object.ts'
import type { Resource } from '../kube/resource.ts'
import { VERSION } from '../runtime/version.ts'

const found = async (
  client: Pick<KubeClient, 'get'>,
  resource: Resource<KubeObject>,
  name: string,
  signal: AbortSignal,
): Promise<KubeObject | undefined> => {
  try {
    return await client.get(resource, { name }, { signal })
  } catch (error) {
    if (isApiError(error, 404)) return undefined
    throw error
  }
}

/** What is wrong with our CRDs, policies and bindings, one sentence per object. Throws ApiError if the API server does not answer. */
export const installationProblems = async (
  client: Pick<KubeClient, 'get'>,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const { resource, names } of INSTALLED_OBJECTS)
    for (const name of names) {
      const object = await found(client, resource, name, signal)
      const problem = installationProblem({ kind: resource.kind, name }, object, VERSION)
      if (problem !== undefined) problems.push(problem)
    }
  return problems
}
