import { hostname } from 'node:os'
import * as z from 'zod'
import { OPTION_FLAGS } from '../catalogue/option-flags.ts'
import { LOG_LEVELS } from '../observability/logger.ts'
import { processSource, readOptions } from '../runtime/options.ts'

const table = {
  kubeconfig: {
    flag: OPTION_FLAGS.kubeconfig,
    help: "A kubeconfig file. Default: the variable KUBECONFIG, the pod's service account, or ~/.kube/config.",
    schema: z.string().optional(),
  },
  namespace: {
    flag: 'namespace',
    env: 'NAMESPACE',
    help:
      'The namespace in which cpufeatures is installed. It contains the settings of cpufeatures, and the ' +
      'Lease by which the controllers elect a leader.',
    schema: z.string().min(1).default('cpufeatures-system'),
  },
  metricsAddress: {
    flag: OPTION_FLAGS.metricsAddress,
    help:
      'The address on which the process serves /healthz, /readyz and /metrics: host:port, or :port for all ' +
      'addresses.',
    schema: z.string().default(':8080'),
  },
  leaderElect: {
    flag: 'leader-elect',
    help:
      'true or false. With true, the controller works only while it holds the Lease. Use false if only one ' +
      'controller runs.',
    schema: z
      .enum(['true', 'false'])
      .default('true')
      .transform((text) => text === 'true'),
  },
  logLevel: {
    flag: 'log-level',
    env: 'LOG_LEVEL',
    help: `One of ${LOG_LEVELS.join(', ')}.`,
    schema: z.enum(LOG_LEVELS).default('info'),
  },
  identity: {
    flag: 'identity',
    env: 'POD_NAME',
    help: 'The name of this process in the Lease and in Events.',
    schema: z.string().min(1).max(200).default(hostname()),
  },
} as const

/** Reads the options of the controller: `argv` without node, bundle and verb. */
export const controllerOptions = (argv: readonly string[]) =>
  readOptions(table, { argv, env: processSource().env })

export type ControllerOptions = Extract<
  ReturnType<typeof controllerOptions>,
  { readonly kind: 'options' }
>['values']
