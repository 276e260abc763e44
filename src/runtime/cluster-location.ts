import { homedir } from 'node:os'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { processSource } from './options.ts'

/** Where to look for the API server, in the shape that `createKubeClient` takes. */
export type ClusterLocation = {
  readonly kubeconfig?: string
  /** The service account of the pod that we run in; `root` is the root directory to look under, '' for our own. */
  readonly inCluster?: { readonly root: string }
}

/**
 * kubectl's order with one exception for pods: the given path, KUBECONFIG, the pod's service account, ~/.kube/config.
 * Neither: no cluster is configured.
 */
export const clusterLocation = (kubeconfig?: string, env = processSource().env): ClusterLocation => {
  const path = kubeconfig ?? env['KUBECONFIG']
  if (path !== undefined && path !== '') return { kubeconfig: path }
  if (env['KUBERNETES_SERVICE_HOST'] !== undefined && env['KUBERNETES_SERVICE_PORT'] !== undefined)
    return { inCluster: { root: '' } }
  const fallback = join(env['HOME'] ?? homedir(), '.kube', 'config')
  return existsSync(fallback) ? { kubeconfig: fallback } : {}
}
