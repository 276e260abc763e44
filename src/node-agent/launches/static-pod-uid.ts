/**
 * The kubelet gives a static pod the MD5 of its manifest for a UID (pkg/kubelet/config/common.go, applyDefaults), unless the manifest
 * names one. UIDs of the API server are RFC 4122 UUIDs with hyphens.
 */
export const isStaticPodUid = (uid: string): boolean => /^[0-9a-f]{32}$/.test(uid)
