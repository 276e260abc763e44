import { OPTION_FLAGS } from './option-flags.ts'

/** One kind of failure, as docs/errors.md shows it. */
export type CatalogueEntry = {
  /** What went wrong, in a sentence. */
  readonly summary: string
  /** What the reader can do about it. */
  readonly remedy: string
  /** Of the command line, where a process ends by it. Default 1. */
  readonly exitCode?: number | undefined
}

/**
 * Every failure that this product gives a code. Add a line here, throw `new CpuFeaturesError('THE_CODE', ...)` where it
 * happens, and run the generator: docs/errors.md is kept equal to this table by a test.
 */
export const ERROR_CATALOGUE = Object.freeze({
  CLUSTER_ACCESS: {
    summary: 'No usable way to the API server is configured.',
    remedy: `Give --${OPTION_FLAGS.kubeconfig}, or run in a pod whose service account token is mounted.`,
    exitCode: 2,
  },
  LISTEN: {
    summary: 'The address for health and metrics cannot be listened on.',
    remedy: `Give another --${OPTION_FLAGS.metricsAddress}, or end the process that holds this one.`,
    exitCode: 2,
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>)

export type ErrorCode = keyof typeof ERROR_CATALOGUE
