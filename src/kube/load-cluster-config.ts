import { delimiter } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { readKubeconfig } from './read-kubeconfig.ts'

/** What names the cluster. */
export type ClusterSource = {
  /** A kubeconfig path, or several joined as in `KUBECONFIG`. Goes before `inCluster`. */
  readonly kubeconfig?: string | undefined
  /** Default: the kubeconfig's current context. */
  readonly context?: string | undefined
  readonly inCluster?: InCluster | undefined
}

/**
 * The service account of the pod we run in: KUBERNETES_SERVICE_HOST and _PORT say where the API server is, the kubelet
 * projects token, CA and namespace to /var/run/secrets/kubernetes.io/serviceaccount.
 */
export type InCluster = {
  /** Put before that path; '' in a pod. */
  readonly root: string
}

/** Loads what the source names, with a current context whose cluster and user are there. Throws an Error that names what is missing. */
export const loadClusterConfig = async (source: ClusterSource): Promise<KubeConfig> => {
  if (source.kubeconfig !== undefined) return fromFiles(source.kubeconfig, source.context)
  if (source.inCluster === undefined)
    throw new Error('no cluster is configured: give a kubeconfig, or run in a pod with a service account')
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js')
  const config = new KubeConfig()
  config.loadFromCluster(source.inCluster.root)
  return config
}

/** client-node applies neither CA nor `insecure-skip-tls-verify` where a context names no user; this one has no credentials. */
const ANONYMOUS = { name: '' }

/** The first file that has a name wins, as in client-go's loading rules; client-node's `mergeConfig` refuses a name that comes twice. */
const fromFiles = async (paths: string, context?: string): Promise<KubeConfig> => {
  const files = await Promise.all(
    paths
      .split(delimiter)
      .filter((path) => path !== '')
      .map(readKubeconfig),
  )
  const [config] = files
  if (config === undefined) throw new Error('kubeconfig: no path is given')
  const currentContext = context ?? files.map((file) => file.currentContext).find(Boolean)
  if (currentContext === undefined)
    throw new Error(`kubeconfig ${paths} has no current-context: name a context`)
  config.loadFromOptions({
    clusters: firstOfEachName(files.flatMap(({ clusters }) => clusters)),
    contexts: firstOfEachName(files.flatMap(({ contexts }) => contexts)).map((entry) => ({
      ...entry,
      user: (entry.user as string | undefined) ?? ANONYMOUS.name,
    })),
    users: [...firstOfEachName(files.flatMap(({ users }) => users)), ANONYMOUS],
    currentContext,
  })
  requireEntries(config, paths)
  return config
}

const firstOfEachName = <T extends { readonly name: string }>(entries: readonly T[]): T[] =>
  entries.filter(({ name }, at) => entries.findIndex((entry) => entry.name === name) === at)

/** client-node sends a request without credentials where the context, its cluster or its user is missing. */
const requireEntries = (config: KubeConfig, paths: string): void => {
  const name = config.getCurrentContext()
  const context = config.getContextObject(name)
  if (context === null) {
    const known = config.getContexts().map((entry) => entry.name)
    throw new Error(`kubeconfig ${paths} has no context "${name}"; it has: ${known.join(', ') || 'none'}`)
  }
  const missing = (what: string) =>
    new Error(`kubeconfig ${paths}: context "${name}" names ${what}, which it has not`)
  if (config.getCluster(context.cluster) === null) throw missing(`cluster "${context.cluster}"`)
  if (config.getUser(context.user) === null) throw missing(`user "${context.user}"`)
}
