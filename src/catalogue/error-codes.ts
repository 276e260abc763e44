import { OPTION_FLAGS } from './option-flags.ts'

/** A kind of failure, in the words of docs/errors.md. */
export type CatalogueEntry = {
  /** What went wrong, in a sentence. */
  readonly summary: string
  /** What the reader can do about it. */
  readonly remedy: string
  /** The exit code of a process that ends by this failure. Default 1. */
  readonly exitCode?: number | undefined
}

/**
 * Every failure with a code. To add one, add a line here, throw `new CpuFeaturesError('THE_CODE', ...)` where it happens, and run the
 * generator: a check keeps docs/errors.md equal to this table.
 */
export const ERROR_CATALOGUE = Object.freeze({
  CLUSTER_ACCESS: {
    summary: 'cpufeatures found no usable configuration for the API server.',
    remedy: `Give --${OPTION_FLAGS.kubeconfig} FILE, or run the program in a pod with a mounted service account token.`,
    exitCode: 2,
  },
  LISTEN: {
    summary: 'The process cannot listen on its address for health checks and metrics.',
    remedy: `Give another address with --${OPTION_FLAGS.metricsAddress}, or end the process that uses this address.`,
    exitCode: 2,
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>)

export type ErrorCode = keyof typeof ERROR_CATALOGUE
