import { hostname } from 'node:os'
import * as z from 'zod'
import { OPTION_FLAGS } from '../catalogue/option-flags.ts'
import { LOG_LEVELS } from '../observability/logger.ts'
import { processSource, readOptions } from '../runtime/options.ts'

const TABLE = {
  nodeName: {
    flag: 'node-name',
    env: 'NODE_NAME',
    help: "The name of this machine's Node object. The report of the node (NodeCpuFeatures) gets the same name.",
    schema: z.string().min(1).max(253).default(hostname()),
  },
  podName: {
    flag: 'pod-name',
    env: 'POD_NAME',
    help:
      'The name of the pod in which this agent runs. Without a name, the agent reports its node, but does ' +
      'not apply profiles to containers.',
    schema: z.string().min(1).optional(),
  },
  podNamespace: {
    flag: 'pod-namespace',
    env: 'POD_NAMESPACE',
    help: 'The namespace of this pod. Default: the namespace of the service account.',
    schema: z.string().min(1).optional(),
  },
  runFolder: {
    flag: 'run-folder',
    help: "The folder with the sockets of the holder, as the agent's container sees it.",
    schema: z.string().min(1).default('/run/cpufeatures'),
  },
  stateFolder: {
    flag: 'state-folder',
    help:
      'The folder for the data from which the next agent continues with running VMs. It must outlive the ' +
      'pod.',
    schema: z.string().min(1).default('/var/lib/cpufeatures'),
  },
  kubeletRoot: {
    flag: OPTION_FLAGS.kubeletRoot,
    help: "The kubelet's root folder (--root-dir), as a path on the node.",
    schema: z.string().startsWith('/').default('/var/lib/kubelet'),
  },
  kubeconfig: {
    flag: OPTION_FLAGS.kubeconfig,
    help: "A kubeconfig file. Default: the variable KUBECONFIG, the pod's service account, or ~/.kube/config.",
    schema: z.string().optional(),
  },
  metricsAddress: {
    flag: OPTION_FLAGS.metricsAddress,
    help:
      'The address on which the process serves /healthz, /readyz and /metrics: host:port, or :port for all ' +
      'addresses.',
    schema: z.string().default(':8080'),
  },
  logLevel: {
    flag: 'log-level',
    env: 'LOG_LEVEL',
    help: `One of ${LOG_LEVELS.join(', ')}.`,
    schema: z.enum(LOG_LEVELS).default('info'),
  },
} as const

/** Reads the options of the node-agent: `argv` without node, bundle and verb. */
export const nodeAgentOptions = (argv: readonly string[]) =>
  readOptions(TABLE, { argv, env: processSource().env })

export type NodeAgentOptions = Extract<
  ReturnType<typeof nodeAgentOptions>,
  { readonly kind: 'options' }
>['values']
