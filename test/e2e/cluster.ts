import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startControlPlane, type ControlPlane } from '../harness/control-plane.ts'
import { bootHost, type EmulatedHost } from '../harness/emulated-host.ts'
import type { HostAccess } from '../harness/host-access.ts'
import type { HostProcess } from '../harness/host-process.ts'
import { runFolder } from '../harness/lab-paths.ts'
import { connectHost, type SharedHostName } from '../harness/lab-session.ts'
import { installCrds } from '../harness/install-crds.ts'
import { eventually } from '../harness/eventually.ts'
import { builtBundle } from '../harness/product-bundle.ts'
import { keepRunning } from '../harness/keep-running.ts'
import type { Process } from '../harness/process.ts'
import { ROOT } from '../architecture/source-files.ts'

export const NAMESPACE = 'cpufeatures-system'
/** Where an agent serves its metrics, in its host. */
const AGENT_SERVES = '127.0.0.1:8081'
const KUBECONFIG_ON_HOST = '/etc/cpufeatures/kubeconfig'

/** A host with its Node object and a running node-agent. */
export type ClusterNode = {
  /** Of the Node. */
  name: string
  host: HostAccess
  /** Ends the agent as SIGTERM does. */
  stopAgent: () => Promise<void>
  startAgent: () => void
  /** The output of its agent. */
  agentLog: () => string
  /** The metrics of its agent, as it serves them. */
  agentMetrics: () => Promise<string>
}

/** Everything the product needs, each part real: API server, scheduler, emulated hosts with KVM, our binaries as processes. */
export type Cluster = {
  controlPlane: ControlPlane
  nodes: ClusterNode[]
  controller: () => Process
  controllerLog: string
  /** The metrics of the controller that runs now, as it serves them. */
  controllerMetrics: () => Promise<string>
  kubectl: ControlPlane['kubectl']
  addNode: (name: string, cpuModel: string, cpuOptions?: string[]) => Promise<ClusterNode>
  stop: () => Promise<void>
}

/** The address of the control plane as an emulated host reaches it. */
const fromInside = (server: string): string => server.replace('127.0.0.1', '10.0.2.2')

const joinNode = async (controlPlane: ControlPlane, name: string, host: HostAccess): Promise<ClusterNode> => {
  await controlPlane.makeReadyNode(name)
  const kubeconfig = await controlPlane.kubeconfigFor({
    serviceAccount: { namespace: NAMESPACE, name: 'cpufeatures-node-agent' },
    nodeName: name,
    server: fromInside(controlPlane.server),
  })
  await host.run(['mkdir', '-p', '/etc/cpufeatures'])
  await host.put(kubeconfig, KUBECONFIG_ON_HOST)
  let agent: HostProcess | undefined
  const startAgent = (): void => {
    agent = host.spawn([
      ...['cpufeatures', 'node-agent', '--node-name', name],
      ...['--kubeconfig', KUBECONFIG_ON_HOST, '--metrics-address', AGENT_SERVES],
    ])
  }
  const stopAgent = async (): Promise<void> => {
    agent?.kill()
    await agent?.exited
    agent = undefined
  }
  const agentMetrics = async (): Promise<string> =>
    (await host.run(['wget', '-q', '-O', '-', `http://${AGENT_SERVES}/metrics`])).stdout
  startAgent()
  return { name, host, startAgent, stopAgent, agentLog: () => agent?.stderr() ?? '', agentMetrics }
}

/** Applies what a user applies: crds/ and deploy/, in that order. */
const install = async (controlPlane: ControlPlane): Promise<void> => {
  await installCrds(controlPlane)
  await controlPlane.kubectl(['apply', '-k', join(ROOT, 'deploy')])
}

const controllerCommand = (kubeconfig: string): string[] => [
  ...[process.execPath, builtBundle(), 'controller', '--kubeconfig', kubeconfig],
  ...['--namespace', NAMESPACE, '--metrics-address', '127.0.0.1:0'],
]

/** Starts a cluster with one node for each of `models` (node name → CPU model). Their hosts are shared where a run of tests has some. */
export const startCluster = async (models: Readonly<Record<string, SharedHostName>>): Promise<Cluster> => {
  const folder = runFolder('cluster')
  const connecting = Object.entries(models).map(
    async ([name, model]) => [name, await connectHost(model)] as const,
  )
  const [controlPlane, ...hosts] = await Promise.all([
    startControlPlane({ schedulerAndControllers: true }),
    ...connecting,
  ])
  await install(controlPlane)
  const kubeconfig = await controlPlane.kubeconfigFor({
    serviceAccount: { namespace: NAMESPACE, name: 'cpufeatures-controller' },
  })
  const controllerLog = join(folder, 'controller.log')
  // It ends if the API server is away for longer than its lease lasts.
  const controller = keepRunning(controllerCommand(kubeconfig), controllerLog)
  const nodes: ClusterNode[] = []
  for (const [name, host] of hosts) nodes.push(await joinNode(controlPlane, name, host))
  const booted: EmulatedHost[] = []
  return {
    controlPlane,
    nodes,
    kubectl: controlPlane.kubectl,
    controller: controller.current,
    controllerLog,
    controllerMetrics: async () => {
      const ports = [...(await readFile(controllerLog, 'utf8')).matchAll(/"port":(\d+)/g)]
      return (await fetch(`http://127.0.0.1:${ports.at(-1)?.[1] ?? ''}/metrics`)).text()
    },
    addNode: async (name, cpuModel, cpuOptions = []) => {
      const host = await bootHost({ name, cpuModel, kernel: '6.18', cpuOptions })
      booted.push(host)
      const node = await joinNode(controlPlane, name, host)
      nodes.push(node)
      return node
    },
    stop: async () => {
      await controller.stop()
      await Promise.all(nodes.map((node) => node.stopAgent()))
      await Promise.all(booted.map((host) => host.stop()))
      await controlPlane.stop()
    },
  }
}

/** Waits until `kubectl get OBJECT -o jsonpath=PATH` prints `wanted`; says what it is instead. */
export const waitForField = async (
  cluster: Cluster,
  object: readonly string[],
  path: string,
  wanted: string | RegExp,
): Promise<void> => {
  const isWanted = (text: string) => (typeof wanted === 'string' ? text === wanted : wanted.test(text))
  await eventually(`${object.join('/')} ${path} is ${String(wanted)}`, async () => {
    const text = await cluster.kubectl(['get', ...object, '-o', `jsonpath=${path}`])
    if (isWanted(text)) return true
    throw new Error(`it is '${text}'`)
  })
}
