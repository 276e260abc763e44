import { PROFILE_LABEL } from '../api/names.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import { listPages } from '../kube/list-pages.ts'
import { pinnedRevisions, UNFINISHED_PODS } from '../api/pod-pin.ts'
import { PODS } from './resources.ts'

/** The pods to look at: those of a profile, or those bound to a node. */
export type PodSelection = { readonly profile: string } | { readonly node: string }

// Pods that have ended are pinned to nothing: the API server leaves them out.
const selectors = (selection: PodSelection) =>
  'node' in selection
    ? { labelSelector: PROFILE_LABEL, fieldSelector: `spec.nodeName=${selection.node},${UNFINISHED_PODS}` }
    : { labelSelector: `${PROFILE_LABEL}=${selection.profile}`, fieldSelector: UNFINISHED_PODS }

/**
 * The revisions to which pods are pinned, pod by pod, as the API server has them at this moment. Asked before something is released for
 * good, because the watched pods may lag behind a pin that was just made. Whole pods are in memory one page at a time.
 */
export async function* pinsAtServer(
  client: Pick<KubeClient, 'list'>,
  selection: PodSelection,
): AsyncGenerator<readonly string[]> {
  for await (const { items } of listPages(client, PODS, selectors(selection)))
    for (const pod of items) yield pinnedRevisions(pod)
}
