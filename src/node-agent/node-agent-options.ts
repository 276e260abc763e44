import { hostname } from 'node:os'
import * as z from 'zod'
import { OPTION_FLAGS } from '../catalogue/option-flags.ts'
import { LOG_LEVELS } from '../observability/logger.ts'
import { processSource, readOptions } from '../runtime/options.ts'

const TABLE = {
  nodeName: {
    flag: 'node-name',
    env: 'NODE_NAME',
    help: 'The Node object of this machine. Its report gets the same name.',
    schema: z.string().min(1).max(253).default(hostname()),
  },
  podName: {
    flag: 'pod-name',
    env: 'POD_NAME',
    help: 'The pod that this agent runs in. Without it the agent reports its node, and applies profiles to no containers.',
    schema: z.string().min(1).optional(),
  },
  podNamespace: {
    flag: 'pod-namespace',
    env: 'POD_NAMESPACE',
    help: 'The namespace of that pod; else that of the service account.',
    schema: z.string().min(1).optional(),
  },
  runFolder: {
    flag: 'run-folder',
    help: 'The run folder of the holder, as this container sees it.',
    schema: z.string().min(1).default('/run/cpufeatures'),
  },
  stateFolder: {
    flag: 'state-folder',
    help: 'Where to keep what the next agent needs to go on with running VMs; it must outlive the pod.',
    schema: z.string().min(1).default('/var/lib/cpufeatures'),
  },
  kubeletRoot: {
    flag: OPTION_FLAGS.kubeletRoot,
    help: "The kubelet's --root-dir, on the node.",
    schema: z.string().startsWith('/').default('/var/lib/kubelet'),
  },
  kubeconfig: {
    flag: OPTION_FLAGS.kubeconfig,
    help: "A kubeconfig file; else KUBECONFIG, the pod's service account, ~/.kube/config.",
    schema: z.string().optional(),
  },
  metricsAddress: {
    flag: OPTION_FLAGS.metricsAddress,
    help: 'The address of /healthz, /readyz and /metrics: host:port, or :port for every address.',
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
