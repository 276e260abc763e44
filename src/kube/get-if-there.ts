import { isApiError } from './api-error.ts'
import type { KubeClient } from './kube-client.ts'
import type { KubeObject } from './kube-object.ts'
import type { Resource, ResourceTarget } from './resource.ts'

/** An object that may not be there. Rejects with an ApiError if the API server does not answer, or refuses. */
export const getIfThere = async <T extends KubeObject>(
  client: Pick<KubeClient, 'get'>,
  resource: Resource<T>,
  ref: ResourceTarget & { readonly name: string },
  signal: AbortSignal,
): Promise<T | undefined> => {
  try {
    return await client.get(resource, ref, { signal })
  } catch (error) {
    if (isApiError(error, 404)) return undefined
    throw error
  }
}
