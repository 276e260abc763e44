import type { KubeObject } from '../../kube/kube-object.ts'

/** The part of a binding of admissionregistration.k8s.io/v1 that says which settings it reads, and where it acts. */
export type Binding = KubeObject & {
  spec?: { policyName?: string; paramRef?: object; matchResources?: object }
}

const PREFIX = 'uninstall-'

/** Selects no namespace: the API server labels each with its name. */
const NOWHERE = {
  namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'DoesNotExist' }] },
}

/** Whether the policy of this binding reads settings, and acts somewhere. */
export const readsSettings = ({ metadata, spec }: Binding): boolean =>
  spec?.paramRef !== undefined && !metadata.name.startsWith(PREFIX)

/**
 * A binding of the same policy that reads the same settings and acts nowhere. With it, API servers follow the settings after `binding`
 * has gone. It has another name, so that it does not stand in the way if deploy/ is applied again.
 */
export const idleBinding = ({ metadata: { name, labels }, spec }: Binding): Binding => ({
  metadata: { name: `${PREFIX}${name}`, ...(labels !== undefined && { labels }) },
  spec: { ...spec, matchResources: NOWHERE },
})
