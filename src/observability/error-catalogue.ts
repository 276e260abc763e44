/** One kind of failure, as docs/errors.md shows it. */
export interface CatalogueEntry {
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
export const errorCatalogue = Object.freeze({
  CLUSTER_ACCESS: {
    summary: 'No usable way to the API server is configured.',
    remedy: 'Give --kubeconfig, or run in a pod whose service account token is mounted.',
    exitCode: 2,
  },
  CLUSTER_VERSION: {
    summary: 'The API server lacks something that the product needs (Kubernetes 1.36 or newer).',
    remedy: 'Upgrade the cluster, or enable the named API.',
    exitCode: 2,
  },
  INVALID_DOCUMENT: {
    summary: 'A file is not the document it is meant to be.',
    remedy: 'Correct the named field.',
    exitCode: 2,
  },
  KVM_UNAVAILABLE: {
    summary: 'This host has no usable KVM.',
    remedy: 'Run on an arm64 host with /dev/kvm, as a user who may open it; Linux 6.7 or newer is needed.',
    exitCode: 3,
  },
  LEADERSHIP_LOST: {
    summary: 'Another process leads now, or the lease could not be renewed in time.',
    remedy: 'Nothing: the process ends and is started again as a candidate.',
    exitCode: 1,
  },
  LISTEN: {
    summary: 'The address for health and metrics cannot be listened on.',
    remedy: 'Give another --listen address, or end the process that holds this one.',
    exitCode: 2,
  },
  START_FAILED: {
    summary: 'A part of the process did not start.',
    remedy: 'See the cause; what had started was stopped again.',
    exitCode: 1,
  },
  STOP_TIMEOUT: {
    summary: 'A part of the process did not stop in time.',
    remedy: 'Report it with the log: the process ended without it.',
    exitCode: 1,
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>)

export type ErrorCode = keyof typeof errorCatalogue
