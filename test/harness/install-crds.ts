import { join } from 'node:path'
import type { ControlPlaneAccess } from './control-plane-access.ts'
import { eventually } from './eventually.ts'
import { LAB_PATHS } from './lab-paths.ts'

/** Applies crds/, and waits until the API server serves them. */
export const installCrds = async ({ kubectl }: Pick<ControlPlaneAccess, 'kubectl'>): Promise<void> => {
  await kubectl(['apply', '-k', join(LAB_PATHS.root, 'crds')])
  // `kubectl wait` fails on a CRD that has no conditions yet, as on a busy machine just after it was made.
  await eventually('the CRDs are established', () =>
    kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=10s']),
  )
}
