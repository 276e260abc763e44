/** What every Kubernetes object has in common, as JSON on the wire (times are strings). */
export type KubeObject = {
  apiVersion?: string | undefined
  kind?: string | undefined
  metadata: ObjectMeta
}

export type ObjectMeta = {
  name: string
  namespace?: string | undefined
  uid?: string | undefined
  resourceVersion?: string | undefined
  generation?: number | undefined
  creationTimestamp?: string | undefined
  deletionTimestamp?: string | undefined
  labels?: Record<string, string> | undefined
  annotations?: Record<string, string> | undefined
  finalizers?: string[] | undefined
  ownerReferences?: OwnerReference[] | undefined
  managedFields?: unknown
}

export type OwnerReference = {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean | undefined
  blockOwnerDeletion?: boolean | undefined
}

/** Names one object of a resource. */
export type ObjectRef = {
  readonly name: string
  readonly namespace?: string | undefined
}
