/**
 * Whether one resourceVersion is older than another of the same resource. They are decimal numbers that only grow, and clients may
 * compare them since Kubernetes 1.35 (apimachinery `util/resourceversion`). They have up to 64 bits, so they stay text here.
 */
export const isOlderVersion = (version: string, than: string): boolean =>
  version.length === than.length ? version < than : version.length < than.length
