import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../runtime/clock.ts'
import type { ClusterAccess } from './cluster-access.ts'
import { TokenFile } from './credentials.ts'

/** What the kubelet tells a container of the API server. */
export interface InCluster {
  /** `KUBERNETES_SERVICE_HOST` */
  readonly host: string
  /** `KUBERNETES_SERVICE_PORT` */
  readonly port: string
  /** Where the service account's token, ca.crt and namespace are projected. */
  readonly directory?: string | undefined
}

const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Access with the pod's own service account. Throws where the files are not there (`automountServiceAccountToken: false`). */
export async function inClusterAccess(inCluster: InCluster, clock: Clock): Promise<ClusterAccess> {
  const directory = inCluster.directory ?? serviceAccountDirectory
  const [ca, namespace] = await Promise.all([
    readFile(join(directory, 'ca.crt'), 'utf8'),
    readFile(join(directory, 'namespace'), 'utf8'),
  ])
  const host = inCluster.host.includes(':') ? `[${inCluster.host}]` : inCluster.host
  return {
    server: `https://${host}:${inCluster.port}`,
    ca,
    namespace: namespace.trim(),
    credentials: new TokenFile(join(directory, 'token'), clock),
  }
}
