/** The options of the controller and the node-agent that messages name, without dashes. Their tables declare them by these. */
export const OPTION_FLAGS = {
  kubeconfig: 'kubeconfig',
  metricsAddress: 'metrics-address',
  kubeletRoot: 'kubelet-root',
} as const
