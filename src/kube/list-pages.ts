import type { KubeClient, ListOptions, ListPage } from './kube-client.ts'
import type { KubeObject } from './kube-object.ts'
import type { Resource } from './resource.ts'

/** Objects per page, as in client-go's pager. */
const PAGE_SIZE = 500

/** Reads a collection page by page, so that a reader that keeps little of it never holds it whole. Without `limit`, 500 objects a page. */
export async function* listPages<T extends KubeObject>(
  client: Pick<KubeClient, 'list'>,
  resource: Resource<T>,
  options: Omit<ListOptions, 'continue'>,
): AsyncGenerator<ListPage<T>> {
  let page = await client.list(resource, { limit: PAGE_SIZE, ...options })
  yield page
  while (page.continue !== undefined) {
    page = await client.list(resource, { limit: PAGE_SIZE, ...options, continue: page.continue })
    yield page
  }
}
