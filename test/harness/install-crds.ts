import { join } from 'node:path'
import type { ControlPlaneAccess } from './control-plane-access.ts'
import { eventually } from './eventually.ts'
import { LAB_PATHS } from './lab-paths.ts'

type Access = Pick<ControlPlaneAccess, 'kubectl'>

/** Waits until the API server serves all CRDs. `kubectl wait` fails on one that has no conditions yet, as just after it was made. */
export const crdsServed = async ({ kubectl }: Access): Promise<void> => {
  await eventually('the CRDs are established', () =>
    kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=10s']),
  )
}

/** Applies crds/, and waits until the API server serves them. */
export const installCrds = async (access: Access): Promise<void> => {
  await access.kubectl(['apply', '-k', join(LAB_PATHS.root, 'crds')])
  await crdsServed(access)
}
