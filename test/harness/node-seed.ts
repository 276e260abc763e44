import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeTar } from '../../scripts/image/layer.ts'
import type { NodeCredentials } from './control-plane-nodes.ts'
import { runFolder } from './lab-paths.ts'
import {
  containerdConfiguration,
  kubeletConfiguration,
  networkConfiguration,
  nodeAddress,
  packetRules,
  podSubnet,
} from './node-configuration.ts'
import type { NodePlace, NodeRuntimeName } from './node-configuration.ts'
import { NODE_IMAGES } from './node-images.ts'
import type { RuntimeSuite } from './node-root.ts'

/** What makes one node out of the disk that all nodes have. */
export type NodeSeed = {
  name: string
  place: NodePlace
  runtime: NodeRuntimeName
  suite: RuntimeSuite
  credentials: NodeCredentials
  /** Of the API server, on this machine's loopback interface. */
  apiPort: number
  kubeletPort: number
  /** Fields of KubeletConfiguration that this node has otherwise. */
  kubelet: Readonly<Record<string, unknown>>
  /** The resource under which pods get /dev/kvm. */
  kvmResource: string
}

/** Writes the archive that a node unpacks over its root when it boots (node-files/init), and resolves with its path. */
export const writeNodeSeed = async (seed: NodeSeed): Promise<string> => {
  const folder = runFolder(`seed-${seed.name}`)
  for (const [path, text] of Object.entries(filesOf(seed))) {
    const file = join(folder, 'files', path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  await writeTar(join(folder, 'files'), join(folder, 'seed.tar'))
  return join(folder, 'seed.tar')
}

const filesOf = ({
  credentials,
  runtime,
  suite,
  place,
  kubelet,
  ...seed
}: NodeSeed): Record<string, string> => ({
  'etc/node.env': environment({ ...seed, place }),
  'etc/containerd/config.toml': containerdConfiguration(suite, runtime, NODE_IMAGES.pause),
  'etc/cni/net.d/10-lab.conflist': JSON.stringify(networkConfiguration(place)),
  'etc/nftables.conf': packetRules(seed.apiPort),
  'etc/kubernetes/kubelet.json': JSON.stringify(kubeletConfiguration(seed.kubeletPort, kubelet)),
  'etc/kubernetes/kubelet.kubeconfig': credentials.kubeconfig,
  'etc/kubernetes/client-ca.crt': credentials.clientCa,
})

/** For the shell of node-files/init. */
const environment = ({
  name,
  place,
  kvmResource,
}: Pick<NodeSeed, 'name' | 'place' | 'kvmResource'>): string => {
  const peer: NodePlace = place === 1 ? 2 : 1
  const variables = {
    NODE_NAME: name,
    NODE_ADDRESS: nodeAddress(place),
    NODE_PEERS: `${podSubnet(peer)}@${nodeAddress(peer)}`,
    KVM_RESOURCE: kvmResource,
  }
  return Object.entries(variables)
    .map(([variable, value]) => `${variable}='${value}'\n`)
    .join('')
}
