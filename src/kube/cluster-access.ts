import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { Clock } from '../runtime/clock.ts'
import { loadClusterConfig, type ClusterSource } from './load-cluster-config.ts'

/** What a request needs: headers, TLS material and, if the cluster has a `proxy-url`, the agent for it. */
export type AccessOptions = {
  readonly headers: Readonly<Record<string, string>>
} & Pick<RequestOptions, 'auth' | 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized' | 'agent'>

/** Certificates and CA are read from their files this often; token files and credential plugins have periods of their own. */
const KEEP_MS = 10_000

/**
 * Where the API server is and how to prove who we are, by client-node's `KubeConfig`: it reads token files each minute
 * and runs a credential plugin again when what it gave has expired.
 */
export class ClusterAccess {
  /** The URL of the API server. */
  readonly server: string
  /** Of the context or of the pod; `default` where none is given. */
  readonly namespace: string
  readonly #source: ClusterSource
  readonly #clock: Clock
  #config: KubeConfig | undefined
  #kept: { readonly options: Promise<AccessOptions>; readonly atMs: number } | undefined

  /** Reads everything that the source names once, to report now what is missing. Throws an Error that names it. */
  static async open(source: ClusterSource, clock: Clock): Promise<ClusterAccess> {
    const access = new ClusterAccess(source, clock, await loadClusterConfig(source))
    await access.requestOptions()
    return access
  }

  private constructor(source: ClusterSource, clock: Clock, config: KubeConfig) {
    this.#source = source
    this.#clock = clock
    this.#config = config
    const context = config.getContextObject(config.getCurrentContext())
    this.server = config.getCurrentCluster()?.server ?? ''
    this.namespace = context?.namespace?.trim() ?? 'default'
  }

  /** For the next request. Rejects with an Error that names the file or the plugin at fault. */
  requestOptions(): Promise<AccessOptions> {
    const nowMs = this.#clock.monotonic()
    if (this.#kept !== undefined && nowMs - this.#kept.atMs < KEEP_MS) return this.#kept.options
    const kept = { options: this.#read(), atMs: nowMs }
    this.#kept = kept
    kept.options.catch(() => {
      if (this.#kept === kept) this.#kept = undefined
    })
    return kept.options
  }

  /** Called after a 401: loads everything again, including a kubeconfig that someone has rewritten. */
  invalidate(): void {
    this.#config = undefined
    this.#kept = undefined
  }

  async #read(): Promise<AccessOptions> {
    this.#config ??= await loadClusterConfig(this.#source)
    return optionsOf(this.#config)
  }
}

const optionsOf = async (config: KubeConfig): Promise<AccessOptions> => {
  const options: RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch (error) {
    const what = `context "${config.getCurrentContext()}" (user "${config.getCurrentUser()?.name ?? ''}")`
    throw new Error(`${what}: ${error instanceof Error ? error.message.trim() : String(error)}`, {
      cause: error,
    })
  }
  const { agent, headers, ...rest } = options
  const proxied = config.getCurrentCluster()?.proxyUrl !== undefined
  return { ...rest, ...(proxied ? { agent } : {}), headers: trimmed(headers) }
}

/** A token's file may end with a newline, which no header may have. */
const trimmed = (headers: RequestOptions['headers'] = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value).trim()]))
