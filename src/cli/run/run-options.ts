/** The options of `run`. */
export type RunOptions = {
  readonly profile?: string
  readonly plan?: string
  readonly record?: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly nodeName?: string
  readonly quiet?: boolean
  readonly supervisor?: string
}
