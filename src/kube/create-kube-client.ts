import type { Clock } from '../runtime/clock.ts'
import { ClusterAccess } from './cluster-access.ts'
import { HttpsTransport } from './https-transport.ts'
import { KubeClient } from './kube-client.ts'
import type { ClusterSource } from './load-cluster-config.ts'

export type KubeClientOptions = {
  readonly clock: Clock
  /** Names us as the owner of what we write; 128 characters at most. */
  readonly fieldManager: string
  readonly userAgent?: string | undefined
} & ClusterSource

/** A client from a kubeconfig or from the pod's service account. Throws an Error that says what is missing; sends nothing yet. */
export const createKubeClient = async (options: KubeClientOptions): Promise<KubeClient> => {
  const access = await ClusterAccess.open(options, options.clock)
  return new KubeClient({
    access,
    transport: new HttpsTransport(access),
    clock: options.clock,
    userAgent: options.userAgent ?? options.fieldManager,
    fieldManager: options.fieldManager,
  })
}
