import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { controlPlaneAccess, kubeconfig } from './control-plane-access.ts'
import type { ControlPlaneAccess } from './control-plane-access.ts'
import { controlPlanePrograms } from './control-plane-binary.ts'
import type { ControlPlanePrograms } from './control-plane-binary.ts'
import {
  credentialsOf,
  inNetworkOfNodes,
  kubeletFlags,
  nodeUser,
  writeNodeInputs,
} from './control-plane-nodes.ts'
import type { NodeCredentials } from './control-plane-nodes.ts'
import { frontProxyFlags, writeFrontProxy } from './control-plane-front-proxy.ts'
import { freePorts } from './free-ports.ts'
import { runFolder } from './lab-paths.ts'
import { eventually } from './eventually.ts'
import { keepRunning } from './keep-running.ts'
import { startProcess } from './process.ts'
import type { Process } from './process.ts'
import { progress } from './progress.ts'

/** A control plane that this process started, and that ends with it. */
export type ControlPlane = {
  stopApiServer: () => Promise<void>
  startApiServer: () => Promise<void>
  /** Stops and starts the API server on the same port; resolves when it is ready again. */
  restartApiServer: () => Promise<void>
  /** What the kubelet of a node (one of {@link ControlPlaneOptions.nodes}) needs. */
  nodeCredentials: (name: string) => Promise<NodeCredentials>
  stop: () => Promise<void>
} & ControlPlaneAccess

export type ControlPlaneOptions = {
  /** Also runs kube-scheduler and kube-controller-manager (without what would take away Nodes that have no kubelet). */
  schedulerAndControllers?: boolean
  /**
   * Names of nodes with real kubelets: each may join with the rights of a node, the API server reaches it under its name at 127.0.0.1,
   * and the controllers that watch over nodes run.
   */
  nodes?: readonly string[]
  /** A user whose reads the audit log tells too, a watch as soon as it begins. */
  auditReadsOf?: string
  /** Aggregated API servers can join, and learn how the API server says on whose behalf it asks them. */
  frontProxy?: boolean
}

type Settings = {
  programs: ControlPlanePrograms
  folder: string
  etcdPort: number
  etcdPeerPort: number
  apiPort: number
  serviceAccounts: boolean
  nodes: readonly string[]
  auditReadsOf: string | undefined
  frontProxy: boolean
}

const auditPolicy = (auditReadsOf: string | undefined): object => ({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    ...(auditReadsOf === undefined ? [] : [{ level: 'Metadata', users: [auditReadsOf] }]),
    { level: 'None', verbs: ['get', 'list', 'watch'] },
    { level: 'Metadata', omitStages: ['ResponseStarted'] },
  ],
})

const TOKENS = {
  admin: randomBytes(16).toString('hex'),
  controllerManager: randomBytes(16).toString('hex'),
  scheduler: randomBytes(16).toString('hex'),
}

/**
 * Starts etcd and kube-apiserver on free ports of 127.0.0.1, some four seconds. Node and RBAC authorization,
 * NodeRestriction, an audit log of all writes; the serving certificate is valid for 10.0.2.2 too, which is this
 * machine for an emulated host.
 */
export const startControlPlane = async (options: ControlPlaneOptions = {}): Promise<ControlPlane> => {
  const programs = await controlPlanePrograms(
    options.schedulerAndControllers === true ? undefined : ['etcd', 'kube-apiserver', 'kubectl'],
  )
  const [etcdPort = 0, etcdPeerPort = 0, apiPort = 0] = await freePorts(3)
  const settings = {
    programs,
    folder: runFolder('control-plane'),
    etcdPort,
    etcdPeerPort,
    apiPort,
    serviceAccounts: options.schedulerAndControllers === true,
    nodes: options.nodes ?? [],
    auditReadsOf: options.auditReadsOf,
    frontProxy: options.frontProxy === true,
  }
  return progress('starting the control plane', () => start(settings))
}

const start = async (settings: Settings): Promise<ControlPlane> => {
  const { folder } = settings
  await writeInputs(settings)
  const server = `https://127.0.0.1:${settings.apiPort}`
  const caFile = join(folder, 'certificates/apiserver.crt')
  const access = controlPlaneAccess({
    server,
    caFile,
    adminKubeconfig: join(folder, 'admin.kubeconfig'),
    kubectlPath: settings.programs.kubectl,
    auditLog: join(folder, 'audit.log'),
    folder,
  })
  const etcd = startProcess(etcdCommand(settings), join(folder, 'etcd.log'))
  let apiServer: Process | undefined
  const others: Pick<Process, 'stop'>[] = []
  const startApiServer = async (): Promise<void> => {
    apiServer = startProcess(apiServerCommand(settings), join(folder, 'kube-apiserver.log'))
    await apiServerReady(settings, apiServer)
  }
  const stopApiServer = async (): Promise<void> => {
    await apiServer?.stop()
  }
  const stop = async (): Promise<void> => {
    await Promise.all(others.map((other) => other.stop()))
    await stopApiServer()
    await etcd.stop()
    // Preallocated logs of 64 MiB and more; what people look at afterwards are the others.
    await rm(join(folder, 'etcd'), { recursive: true, force: true })
  }
  try {
    await startApiServer()
    await writeFile(access.adminKubeconfig, await kubeconfig(server, caFile, TOKENS.admin))
    if (settings.serviceAccounts) {
      others.push(...(await startOthers(settings, server, caFile)))
      await eventually('the default service account exists', () =>
        access.kubectl(['get', 'serviceaccount', 'default', '-n', 'default', '-o', 'name']),
      )
    }
  } catch (error) {
    await stop()
    throw error
  }
  const restartApiServer = async (): Promise<void> => {
    await stopApiServer()
    await startApiServer()
  }
  const nodeCredentials = (name: string): Promise<NodeCredentials> => credentialsOf(name, access)
  return { ...access, startApiServer, stopApiServer, restartApiServer, nodeCredentials, stop }
}

const writeInputs = async ({ folder, nodes, auditReadsOf, frontProxy }: Settings): Promise<void> => {
  const key = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  await writeFile(join(folder, 'service-accounts.key'), key.privateKey, { mode: 0o600 })
  await writeFile(join(folder, 'service-accounts.pub'), key.publicKey)
  await writeFile(join(folder, 'audit-policy.json'), JSON.stringify(auditPolicy(auditReadsOf)))
  const users = [
    `${TOKENS.admin},admin,admin,"system:masters"`,
    `${TOKENS.controllerManager},system:kube-controller-manager,kcm`,
    `${TOKENS.scheduler},system:kube-scheduler,scheduler`,
    ...nodes.map(nodeUser),
  ]
  await writeFile(join(folder, 'tokens.csv'), `${users.join('\n')}\n`, { mode: 0o600 })
  if (nodes.length > 0) await writeNodeInputs(folder, nodes)
  if (frontProxy) await writeFrontProxy(folder)
}

const etcdCommand = ({ programs, folder, etcdPort, etcdPeerPort }: Settings): string[] => {
  const client = `http://127.0.0.1:${etcdPort}`
  const peer = `http://127.0.0.1:${etcdPeerPort}`
  return [
    programs.etcd,
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]
}

const apiServerCommand = ({
  programs,
  folder,
  etcdPort,
  apiPort,
  serviceAccounts,
  nodes,
  frontProxy,
}: Settings): string[] => [
  ...(nodes.length === 0 ? [] : inNetworkOfNodes(folder)),
  programs['kube-apiserver'],
  ...(nodes.length === 0 ? [] : kubeletFlags(folder)),
  ...(frontProxy ? frontProxyFlags(folder) : []),
  `--etcd-servers=http://127.0.0.1:${etcdPort}`,
  // It makes its own serving certificate, valid for bind and advertise address, and keeps it over restarts.
  `--cert-dir=${join(folder, 'certificates')}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=10.0.2.2',
  `--secure-port=${apiPort}`,
  '--service-cluster-ip-range=10.0.0.0/24',
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${join(folder, 'service-accounts.pub')}`,
  `--service-account-signing-key-file=${join(folder, 'service-accounts.key')}`,
  `--token-auth-file=${join(folder, 'tokens.csv')}`,
  '--authorization-mode=Node,RBAC',
  '--enable-admission-plugins=NodeRestriction',
  // With no controller manager no service accounts are made, and pods would be refused for the lack of one.
  ...(serviceAccounts ? [] : ['--disable-admission-plugins=ServiceAccount']),
  `--audit-policy-file=${join(folder, 'audit-policy.json')}`,
  `--audit-log-path=${join(folder, 'audit.log')}`,
  '--audit-log-mode=blocking',
  // As every real cluster: the node-agent's pods are privileged (deploy/base/node-agent.yaml says why).
  '--allow-privileged',
  '--shutdown-delay-duration=0s',
]

const startOthers = async (
  settings: Settings,
  server: string,
  caFile: string,
): Promise<Pick<Process, 'stop'>[]> => {
  const { programs, folder, nodes } = settings
  const config = async (name: string, token: string): Promise<string> => {
    const file = join(folder, `${name}.kubeconfig`)
    await writeFile(file, await kubeconfig(server, caFile, token), { mode: 0o600 })
    return `--kubeconfig=${file}`
  }
  const shared = ['--leader-elect=false', '--secure-port=0']
  const scheduler = [programs['kube-scheduler'], await config('kube-scheduler', TOKENS.scheduler), ...shared]
  const controllerManager = [
    programs['kube-controller-manager'],
    await config('kube-controller-manager', TOKENS.controllerManager),
    ...shared,
    '--use-service-account-credentials',
    `--service-account-private-key-file=${join(folder, 'service-accounts.key')}`,
    `--root-ca-file=${caFile}`,
    // The subnets of pods are fixed; nodes of the harness without a kubelet must not be called lost.
    `--controllers=*,-node-ipam-controller${nodes.length === 0 ? ',-node-lifecycle-controller,-taint-eviction-controller' : ''}`,
    // An emulated node may be slow, beside other work.
    '--node-monitor-grace-period=300s',
  ]
  return [
    keepRunning(scheduler, join(folder, 'kube-scheduler.log')),
    keepRunning(controllerManager, join(folder, 'kube-controller-manager.log')),
  ]
}

const apiServerReady = async ({ apiPort, folder }: Settings, apiServer: Process): Promise<void> => {
  const state = await eventually('the API server is ready', async () => {
    if (!apiServer.running()) return 'ended'
    return (await readyz(apiPort)) === 200 ? 'ready' : undefined
  })
  if (state === 'ready') return
  const log = await readFile(join(folder, 'kube-apiserver.log'), 'utf8')
  throw new Error(`kube-apiserver ended:\n${log.trimEnd().split('\n').slice(-15).join('\n')}`)
}

const readyz = (port: number): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    // Its certificate is not known yet: only whether it answers is asked here.
    const asking = request({
      port,
      host: '127.0.0.1',
      path: '/readyz',
      rejectUnauthorized: false,
      agent: false,
    })
    asking.once('error', reject)
    asking.once('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asking.end()
  })
