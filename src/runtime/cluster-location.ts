import { homedir } from 'node:os'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { processSource } from './options.ts'

/** Where to look for the API server, in the shape that `createKubeClient` takes. */
export interface ClusterLocation {
  readonly kubeconfig?: string
  readonly inCluster?: { readonly host: string; readonly port: string }
}

/**
 * kubectl's order with one exception for pods: the given path, KUBECONFIG, the pod's service account, ~/.kube/config.
 * Neither: no cluster is configured.
 */
export function clusterLocation(kubeconfig?: string, env = processSource().env): ClusterLocation {
  const path = kubeconfig ?? env['KUBECONFIG']
  if (path !== undefined && path !== '') return { kubeconfig: path }
  const host = env['KUBERNETES_SERVICE_HOST']
  const port = env['KUBERNETES_SERVICE_PORT']
  if (host !== undefined && port !== undefined) return { inCluster: { host, port } }
  const fallback = join(env['HOME'] ?? homedir(), '.kube', 'config')
  return existsSync(fallback) ? { kubeconfig: fallback } : {}
}
