import type { KubeObject } from './kube-object.ts'
import { defineResource } from './resource.ts'

/** `coordination.k8s.io/v1` Lease, as leader election uses it. */
export type Lease = {
  readonly spec?: LeaseSpec | undefined
} & KubeObject

export type LeaseSpec = {
  readonly holderIdentity?: string | null | undefined
  readonly leaseDurationSeconds?: number | null | undefined
  /** MicroTime: RFC 3339 with six digits. */
  readonly acquireTime?: string | null | undefined
  readonly renewTime?: string | null | undefined
  readonly leaseTransitions?: number | null | undefined
}

export const leases = defineResource<Lease>({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
})

/** `metav1.MicroTime`: six digits of fraction, which JavaScript does not have. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace(/Z$/, '000Z')
