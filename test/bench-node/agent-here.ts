import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { eventually } from '../harness/eventually.ts'
import { startControlPlane, type ControlPlane } from '../harness/control-plane.ts'
import { HolderNode } from '../harness/holder-process.ts'
import { installCrds } from '../harness/install-crds.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { startProcess, type Process } from '../harness/process.ts'
import { builtBundle } from '../harness/product-bundle.ts'
import { NAMESPACE } from '../node/installation.ts'

/** The Node object of this machine. */
export const NODE_NAME = 'here'

/** A holder and a node-agent of this machine, natively, with a real API server that has the product's CRDs, rights and policies. */
export type AgentHere = {
  readonly plane: ControlPlane
  readonly node: HolderNode
  readonly holder: Process
  readonly agent: Process
  /** Where the agent keeps what it knows of launches. */
  readonly stateFolder: string
  readonly stop: () => Promise<void>
}

type Deployed = { name: string; command: string[]; env: { name: string; value?: string }[] }

/** How deploy/ has node-agents run: the flags of node, and the environment. */
const deployedProcess = async () => {
  const text = await readFile(join(LAB_PATHS.root, 'deploy/base/node-agent.yaml'), 'utf8')
  const { spec } = parse(text) as { spec: { template: { spec: { containers: Deployed[] } } } }
  const agent = spec.template.spec.containers.find(({ name }) => name === 'node-agent')
  if (agent === undefined) throw new Error('deploy/base/node-agent.yaml has no node-agent')
  return {
    flags: agent.command.filter((argument) => argument.startsWith('--')),
    environment: Object.fromEntries(agent.env.map(({ name, value }) => [name, value])),
  }
}

const CONDITION = '{.status.conditions[0].type}'

/** Resolves when the agent has published its report, and has connected to the holder. */
export const startAgentHere = async (): Promise<AgentHere> => {
  const plane = await startControlPlane()
  await installCrds(plane)
  await plane.kubectl(['apply', '-k', join(LAB_PATHS.root, 'deploy/rules')])
  await plane.makeReadyNode(NODE_NAME)
  const node = new HolderNode()
  const holder = await node.start()
  const stateFolder = join(node.folder, 'state')
  mkdirSync(stateFolder)
  const serviceAccount = { namespace: NAMESPACE, name: 'cpufeatures-node-agent' }
  const kubeconfig = await plane.kubeconfigFor({ serviceAccount, nodeName: NODE_NAME })
  const { flags, environment } = await deployedProcess()
  const agent = startProcess(
    [
      ...[
        process.execPath,
        ...flags,
        builtBundle(),
        'node-agent',
        '--node-name',
        NODE_NAME,
        '--pod-name',
        'agent',
      ],
      ...['--pod-namespace', NAMESPACE, '--kubeconfig', kubeconfig, '--metrics-address', '127.0.0.1:0'],
      ...['--run-folder', node.run, '--state-folder', stateFolder],
      ...['--kubelet-root', join(node.folder, 'kubelet')],
    ],
    join(node.folder, 'agent.log'),
    { env: { ...process.env, ...environment } },
  )
  await eventually('the agent has published its report', async () => {
    const condition = await plane.kubectl(['get', 'ncf', NODE_NAME, '-o', `jsonpath=${CONDITION}`])
    return condition === '' ? undefined : true
  })
  const stop = async (): Promise<void> => {
    await agent.stop()
    await node[Symbol.asyncDispose]()
    await plane.stop()
  }
  return { plane, node, holder, agent, stateFolder, stop }
}
