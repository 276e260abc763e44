import { existsSync } from 'node:fs'
import type { KubeClient } from '../../kube/kube-client.ts'
import { systemClock } from '../../runtime/clock.ts'
import { clusterLocation } from '../../runtime/cluster-location.ts'
import { InputError } from './input-error.ts'

/** How the user names the cluster, as for kubectl. */
export type ClusterOptions = { readonly kubeconfig?: string; readonly context?: string }

/** A client of the cluster that the options name. Throws InputError if there is none; `instead` says what else the user can give. */
export const clusterClient = async (options: ClusterOptions, instead = ''): Promise<KubeClient> => {
  if (options.kubeconfig !== undefined && !existsSync(options.kubeconfig))
    throw new InputError(`--kubeconfig ${options.kubeconfig}: no such file`)
  const location = clusterLocation(options.kubeconfig)
  if (location.kubeconfig === undefined && location.inCluster === undefined)
    throw new InputError(`no cluster is configured: give ${instead}--kubeconfig FILE`)
  // Loaded only here, so that a verb that reads only files starts without it.
  const { createKubeClient } = await import('../../kube/create-kube-client.ts')
  return createKubeClient({
    ...location,
    context: options.context,
    clock: systemClock,
    fieldManager: 'cpufeatures',
  })
}
