import type { RuntimeSuite } from './node-root.ts'

/** The container runtimes that a node's containerd knows, each also as a RuntimeClass handler. */
export type NodeRuntimeName = 'runc' | 'crun'

/** The place of a node in the network between nodes: its address is 10.9.0.N, its pods have 10.244.N.0/24. */
export type NodePlace = 1 | 2

export const nodeAddress = (place: NodePlace): string => `10.9.0.${place}`

export const podSubnet = (place: NodePlace): string => `10.244.${place}.0/24`

/** Configuration of containerd's CRI plugin, for the version that a suite has. */
export const containerdConfiguration = (
  suite: RuntimeSuite,
  runtime: NodeRuntimeName,
  pauseImage: string,
): string => (suite === 'forky' ? ofContainerd2(runtime, pauseImage) : ofContainerd1(runtime, pauseImage))

const ofContainerd1 = (runtime: NodeRuntimeName, pauseImage: string): string =>
  `version = 2
[plugins.'io.containerd.grpc.v1.cri']
  sandbox_image = "${pauseImage}"
[plugins.'io.containerd.grpc.v1.cri'.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "/etc/cni/net.d"
${runtimeTables('io.containerd.grpc.v1.cri', runtime)}`

const ofContainerd2 = (runtime: NodeRuntimeName, pauseImage: string): string =>
  `version = 3
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "${pauseImage}"
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["/usr/lib/cni"]
  conf_dir = "/etc/cni/net.d"
${runtimeTables('io.containerd.cri.v1.runtime', runtime)}`

const runtimeTables = (plugin: string, runtime: NodeRuntimeName): string =>
  `[plugins.'${plugin}'.containerd]
  default_runtime_name = "${runtime}"
${runtimeTable(plugin, 'runc', '/usr/sbin/runc')}${runtimeTable(plugin, 'crun', '/usr/bin/crun')}`

const runtimeTable = (plugin: string, name: NodeRuntimeName, program: string): string => {
  const table = `plugins.'${plugin}'.containerd.runtimes.${name}`
  return `[${table}]
  runtime_type = "io.containerd.runc.v2"
[${table}.options]
  BinaryName = "${program}"
  SystemdCgroup = false
`
}

/** A bridge of each node's own; routes between the nodes do the rest. */
export const networkConfiguration = (place: NodePlace) => ({
  cniVersion: '1.0.0',
  name: 'lab',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: podSubnet(place) }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
})

/** What kube-proxy would do for the one service that pods need, the API server's, which is this machine's loopback interface for them. */
export const packetRules = (apiPort: number): string => {
  const toApiServer = `ip daddr 10.0.0.1 tcp dport 443 dnat to 10.0.2.2:${apiPort}`
  return `table ip lab {
  chain prerouting { type nat hook prerouting priority dstnat; ${toApiServer}; }
  chain output { type nat hook output priority dstnat; ${toApiServer}; }
  chain postrouting { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }
}
`
}

/** As a real node has it, with the cgroup driver of a node that has no systemd, and no eviction on a disk as small as ours. */
export const kubeletConfiguration = (port: number, further: Readonly<Record<string, unknown>>) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  port,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: '/etc/kubernetes/client-ca.crt' },
  },
  authorization: { mode: 'Webhook' },
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  cgroupDriver: 'cgroupfs',
  resolvConf: '',
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  // Of an emulated machine.
  runtimeRequestTimeout: '10m',
  ...further,
})
