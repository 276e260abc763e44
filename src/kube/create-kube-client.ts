import type { Clock } from '../runtime/clock.ts'
import { HttpsTransport } from './https-transport.ts'
import { inClusterAccess, type InCluster } from './in-cluster-access.ts'
import { kubeconfigAccess } from './kubeconfig-access.ts'
import { KubeClient } from './kube-client.ts'

export interface KubeClientOptions {
  /** A kubeconfig path, or several joined as in `KUBECONFIG`. Goes before `inCluster`. */
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly inCluster?: InCluster | undefined
  readonly clock: Clock
  /** Names us as the owner of what we write; 128 characters at most. */
  readonly fieldManager: string
  readonly userAgent?: string | undefined
}

/** A client from a kubeconfig or from the pod's service account. Throws an Error that says what is missing; sends nothing yet. */
export async function createKubeClient(options: KubeClientOptions): Promise<KubeClient> {
  const access = await accessOf(options)
  return new KubeClient({
    access,
    transport: new HttpsTransport(access),
    clock: options.clock,
    userAgent: options.userAgent ?? options.fieldManager,
    fieldManager: options.fieldManager,
  })
}

function accessOf(options: KubeClientOptions) {
  if (options.kubeconfig !== undefined) {
    return kubeconfigAccess(options.kubeconfig, options.clock, options.context)
  }
  if (options.inCluster !== undefined) return inClusterAccess(options.inCluster, options.clock)
  throw new Error('no cluster is configured: give a kubeconfig, or run in a pod with a service account')
}
