import { join } from 'node:path'
import { productArchive } from '../harness/product-archive.ts'
import type { ControlPlane } from '../harness/control-plane.ts'
import { eventually } from '../harness/eventually.ts'
import { bootNode, type EmulatedNode, type NodeRequest } from '../harness/emulated-node.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { progress } from '../harness/progress.ts'

/** The namespace of deploy/. */
export const NAMESPACE = 'cpufeatures-system'

/** Hides SVE and FEAT_I8MM, which a Neoverse V1 has. */
export const FLEET_PROFILE = {
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfile',
  metadata: { name: 'fleet' },
  spec: {
    base: { host: {} },
    features: [{ name: 'FEAT_I8MM', state: 'Disabled' }],
    vcpuFeatures: { sve: 'Disabled' },
    enforcement: 'Strict',
  },
}

/** The label of a pod that takes that profile, or another of this name. */
export const LABEL = { 'cpufeatures.dev/profile': FLEET_PROFILE.metadata.name }

/** Boots a node that has the product's image, as if a registry had it. */
export const bootProductNode = async (request: NodeRequest): Promise<EmulatedNode> =>
  bootNode({ ...request, images: [await productArchive()] })

type Kubectl = ControlPlane['kubectl']

/** Installs the product as docs/how-to/install.md says, and no more. */
export const install = async (kubectl: Kubectl, overlay = 'generic'): Promise<void> => {
  const folder = join(LAB_PATHS.root, 'deploy/overlays', overlay)
  await progress('installing the product', () =>
    // A resource whose CRD was made a moment ago is not known yet.
    eventually('kubectl apply -k', () => kubectl(['apply', '--server-side', '-k', folder])),
  )
}

/** Waits until the controller and the agents of these nodes are Ready, and the nodes serve. */
export const installed = async (kubectl: Kubectl, nodes: readonly string[]): Promise<void> => {
  await progress('waiting until the product is Ready', async () => {
    for (const workload of [
      'daemonset/cpufeatures-holder',
      'daemonset/cpufeatures-node-agent',
      'deployment/cpufeatures-controller',
    ])
      await eventually(`${workload} is rolled out`, () =>
        kubectl(['-n', NAMESPACE, 'rollout', 'status', workload, '--timeout=5s']),
      )
    await serving(kubectl, nodes)
  })
}

/** Waits until these nodes serve. */
export const serving = async (kubectl: Kubectl, nodes: readonly string[]): Promise<void> => {
  for (const node of nodes) {
    const condition = '{.status.conditions[?(@.type=="Serving")].status}'
    await eventually(`node ${node} serves`, async () => {
      const status = await kubectl(['get', 'ncf', node, '-o', `jsonpath=${condition}`])
      if (status === 'True') return true
      throw new Error(await kubectl(['get', 'ncf', node, '-o', 'jsonpath={.status.conditions}']))
    })
  }
}
