import { isApiError } from './api-error.ts'
import type { KubeClient, ListOptions } from './kube-client.ts'
import type { KubeObject } from './kube-object.ts'
import { listPages } from './list-pages.ts'
import type { Resource } from './resource.ts'

/** Which objects to list; of all namespaces if none is given. */
export type Selection = Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>

/**
 * What `keep` keeps of each object that a selection selects. Reads in pages, so that only what is kept is held. Rejects with an ApiError,
 * 404 if the API server does not serve their kind.
 */
export const listAll = async <T extends KubeObject, Kept>(
  client: Pick<KubeClient, 'list'>,
  resource: Resource<T>,
  selection: Selection,
  keep: (object: T) => Kept,
): Promise<readonly Kept[]> => {
  const found: Kept[] = []
  for await (const { items } of listPages(client, resource, selection)) found.push(...items.map(keep))
  return found
}

/** {@link listAll}, and none if the API server does not serve their kind. */
export const listIfServed: typeof listAll = async (...asked) => {
  try {
    return await listAll(...asked)
  } catch (error) {
    if (isApiError(error, 404)) return []
    throw error
  }
}
