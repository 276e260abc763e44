import type { ControlPlane } from './control-plane.ts'
import { bootMachine } from './emulated-machine.ts'
import type { EmulatedMachine, MachineRequest } from './emulated-machine.ts'
import { HANG_GUARD_S } from './eventually.ts'
import { freePorts } from './free-ports.ts'
import { arm64Kernel } from './kernel.ts'
import type { NodePlace, NodeRuntimeName } from './node-configuration.ts'
import { nodeDisk } from './node-disk.ts'
import { nodeFilesImage } from './node-files-image.ts'
import { NODE_KERNEL, type RuntimeSuite } from './node-root.ts'
import { writeNodeSeed } from './node-seed.ts'
import { progress } from './progress.ts'

export const KVM_RESOURCE = 'devices.kubevirt.io/kvm'

/** UDP ports of this machine's loopback interface, by the place of the node whose end it is: a cable between two nodes. */
export type NodeLink = Readonly<Record<NodePlace, number>>

export type NodeRequest = {
  /** One of those that the control plane was started with. */
  controlPlane: ControlPlane
  /** What containers without a RuntimeClass run with: runc if not given. */
  runtime?: NodeRuntimeName
  /** Where its runtimes come from: forky if not given. */
  suite?: RuntimeSuite
  /** 1 if not given. */
  place?: NodePlace
  /** To the node of the other place. */
  link?: NodeLink
  /** OCI archives that it imports when it boots. */
  images?: readonly string[]
  /** Fields of its KubeletConfiguration. */
  kubelet?: Readonly<Record<string, unknown>>
  /** Where pods find /dev/kvm: {@link KVM_RESOURCE} if not given. */
  kvmResource?: string
} & Omit<MachineRequest, 'kernel'>

/** The programs that a node keeps running. */
export type NodeService = 'containerd' | 'kubelet' | 'kvm-plugin'

/** A node with a real kubelet, containerd and runc or crun, and real KVM; this process booted it, and it ends with it. */
export type EmulatedNode = {
  /** Ends a program with SIGTERM, and waits until it is gone. */
  stopService: (service: NodeService) => Promise<void>
  /** After `stopService`. Does not wait for more than the start. */
  startService: (service: NodeService) => Promise<void>
  /** Waits until the API server calls the node Ready and it has the KVM resource. */
  ready: () => Promise<void>
} & EmulatedMachine

export const nodeLink = async (): Promise<NodeLink> => {
  const [one = 0, two = 0] = await freePorts(2)
  return { 1: one, 2: two }
}

/** Boots a node, and waits until it is Ready. It starts from a fresh disk; what it writes is gone when it ends. */
export const bootNode = async (request: NodeRequest): Promise<EmulatedNode> => {
  const { controlPlane, runtime = 'runc', suite = 'forky', place = 1, link, images = [], ...rest } = request
  const { kvmResource = KVM_RESOURCE, kubelet = {}, ...machine } = rest
  const { disk, files, kernelFolder } = await nodeArtifacts(suite)
  const [kubeletPort = 0] = await freePorts(1)
  const { name } = machine
  const seed = await writeNodeSeed({
    ...{ name, place, runtime, suite, kubelet, kubeletPort, kvmResource },
    credentials: await controlPlane.nodeCredentials(name),
    apiPort: Number(new URL(controlPlane.server).port),
  })
  const booted = await bootMachine(
    { memoryMiB: 2000, cpus: 2, ...machine, kernel: NODE_KERNEL },
    {
      kernelFolder,
      disks: [disk, files, seed, ...images],
      ports: [kubeletPort],
      devices: link === undefined ? [] : cable(link, place),
    },
  )
  const node = { ...booted, ...services(booted), ready: () => nodeReady(controlPlane, name, kvmResource) }
  try {
    await progress(`waiting until node ${name} is Ready`, node.ready)
  } catch (error) {
    const logs = await node.run(['tail', '-n', '20', '/var/log/kubelet.log', '/var/log/containerd.log'])
    await node.stop()
    throw new Error(`${name} did not become Ready\n${logs.stdout}`, { cause: error })
  }
  return node
}

/** Makes everything that nodes boot from, as far as it is not there. */
export const nodeArtifacts = async (
  suite: RuntimeSuite,
): Promise<{ disk: string; files: string; kernelFolder: string }> => {
  // Building the programs is half of the work.
  const [files, disk, kernelFolder] = await Promise.all([
    nodeFilesImage(),
    nodeDisk(suite),
    arm64Kernel(NODE_KERNEL),
  ])
  return { disk, files, kernelFolder }
}

const cable = (link: NodeLink, place: NodePlace): string[] => {
  const end = (side: string, port: number): string =>
    `${side}.type=inet,${side}.host=127.0.0.1,${side}.port=${port}`
  const other = place === 1 ? 2 : 1
  return [
    ...['-netdev', `dgram,id=nodes,${end('local', link[place])},${end('remote', link[other])}`],
    ...['-device', `virtio-net-pci,netdev=nodes,romfile=,mac=52:54:00:00:09:0${place}`],
  ]
}

const services = ({ run, name }: EmulatedMachine): Pick<EmulatedNode, 'startService' | 'stopService'> => {
  const service = async (verb: 'start' | 'stop', program: NodeService): Promise<void> => {
    const { exitCode, stderr } = await run(['service', verb, program])
    if (exitCode !== 0) throw new Error(`${name}: service ${verb} ${program}: ${stderr}`)
  }
  return {
    stopService: (program) => service('stop', program),
    startService: (program) => service('start', program),
  }
}

/** As many as the device plugin offers. */
const SLOTS = 110

const nodeReady = async ({ kubectl }: ControlPlane, name: string, resource: string): Promise<void> => {
  const escaped = resource.replaceAll('.', '\\.')
  for (const condition of ['create', 'condition=Ready', `jsonpath={.status.allocatable.${escaped}}=${SLOTS}`])
    await kubectl(['wait', `node/${name}`, `--for=${condition}`, `--timeout=${HANG_GUARD_S}s`])
}
