/** Where the API server is and how to prove who we are: what a kubeconfig or a pod's service account says. */
export interface ClusterAccess {
  readonly server: string
  /** PEM. Undefined: the system's trust store. */
  readonly ca?: string | undefined
  /** PEM client certificate and key. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly serverName?: string | undefined
  readonly insecureSkipVerify?: boolean | undefined
  /** Namespace of the context or of the pod; `default` where none is given. */
  readonly namespace: string
  readonly credentials: Credentials
}

/** Gives the headers that authenticate a request. */
export interface Credentials {
  headers(): Promise<Readonly<Record<string, string>>>
  /** Called after a 401: what was kept is to be read or fetched anew. */
  invalidate(): void
}
