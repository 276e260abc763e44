import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { runCommand } from './process.ts'
import { notice } from './progress.ts'

/** What is needed to reach a control plane that any process started. */
export type ControlPlaneAddress = {
  /** `https://127.0.0.1:PORT`; emulated hosts reach the same port at 10.0.2.2. */
  server: string
  caFile: string
  /** A kubeconfig of a member of system:masters. */
  adminKubeconfig: string
  /** The kubectl that was built with it. */
  kubectlPath: string
  auditLog: string
  folder: string
}

export type KubeconfigRequest = {
  serviceAccount: { namespace: string; name: string }
  /** Binds the token to this Node object, as a kubelet's tokens for its pods are. */
  nodeName?: string
  /** Another address of the same server, e.g. `https://10.0.2.2:PORT`. */
  server?: string
}

/** One mutating request that the API server has answered. */
export type AuditedWrite = {
  user: string
  verb: string
  resource: string
  subresource: string | undefined
  namespace: string | undefined
  name: string | undefined
  responseCode: number
  atMs: number
}

export type ControlPlaneAccess = {
  /** Runs kubectl as admin and resolves with what it printed; throws when it fails. */
  kubectl: (args: readonly string[], input?: string) => Promise<string>
  /** Writes a kubeconfig with a token of a service account (TokenRequest) and resolves with its path. */
  kubeconfigFor: (request: KubeconfigRequest) => Promise<string>
  /** The mutating requests since a moment (milliseconds since the epoch), from the audit log. */
  auditedWrites: (sinceMs: number) => Promise<AuditedWrite[]>
  /** Creates a Node that says it is Ready though no kubelet is there; `labels` in addition to os and arch. */
  makeReadyNode: (name: string, labels?: Record<string, string>) => Promise<void>
} & ControlPlaneAddress

const auditEvent = z.object({
  verb: z.string(),
  user: z.object({ username: z.string() }),
  objectRef: z
    .object({
      resource: z.string(),
      subresource: z.string().optional(),
      namespace: z.string().optional(),
      name: z.string().optional(),
    })
    .optional(),
  responseStatus: z.object({ code: z.number().optional() }).optional(),
  requestReceivedTimestamp: z.string(),
})

const mutatingVerbs = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

/** What any process can do with a control plane whose address it has. */
export const controlPlaneAccess = (address: ControlPlaneAddress): ControlPlaneAccess => {
  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const command = [address.kubectlPath, '--kubeconfig', address.adminKubeconfig, ...args]
    // kubectl writes a discovery cache: into the run's folder, not into a home.
    const env = { ...process.env, HOME: address.folder, KUBECONFIG: address.adminKubeconfig }
    const result = await runCommand(command, input === undefined ? { env } : { env, input })
    return result.stdout
  }
  return {
    ...address,
    kubectl,
    kubeconfigFor: (request) => kubeconfigFor(address, kubectl, request),
    auditedWrites: async (sinceMs) => writesIn(await readFile(address.auditLog, 'utf8'), sinceMs),
    makeReadyNode: (name, labels = {}) => makeReadyNode(kubectl, name, labels),
  }
}

type Kubectl = ControlPlaneAccess['kubectl']

const kubeconfigFor = async (
  address: ControlPlaneAddress,
  kubectl: Kubectl,
  request: KubeconfigRequest,
): Promise<string> => {
  const { namespace, name } = request.serviceAccount
  const bound =
    request.nodeName === undefined
      ? []
      : ['--bound-object-kind', 'Node', '--bound-object-name', request.nodeName]
  const uid =
    request.nodeName === undefined
      ? []
      : [
          '--bound-object-uid',
          await kubectl(['get', 'node', request.nodeName, '-o', 'jsonpath={.metadata.uid}']),
        ]
  const token = await kubectl([
    'create',
    'token',
    name,
    '-n',
    namespace,
    '--duration',
    '24h',
    ...bound,
    ...uid,
  ])
  const inside = request.server === undefined ? '' : '-inside'
  const file = join(address.folder, `${namespace}-${name}${request.nodeName ?? ''}${inside}.kubeconfig`)
  await writeFile(file, await kubeconfig(request.server ?? address.server, address.caFile, token.trim()), {
    mode: 0o600,
  })
  return file
}

/** The text of a kubeconfig that holds everything it needs: it can be copied into an emulated host. */
export const kubeconfig = async (server: string, caFile: string, token: string): Promise<string> => {
  const authority = (await readFile(caFile)).toString('base64')
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'lab', cluster: { server, 'certificate-authority-data': authority } }],
      users: [{ name: 'lab', user: { token } }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
      'current-context': 'lab',
    },
    undefined,
    2,
  )}\n`
}

const writesIn = (log: string, sinceMs: number): AuditedWrite[] => {
  const complete = log.slice(0, log.lastIndexOf('\n') + 1)
  return complete
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => auditEvent.parse(JSON.parse(line)))
    .filter((event) => mutatingVerbs.has(event.verb))
    .map((event) => ({
      user: event.user.username,
      verb: event.verb,
      resource: event.objectRef?.resource ?? '',
      subresource: event.objectRef?.subresource,
      namespace: event.objectRef?.namespace,
      name: event.objectRef?.name,
      responseCode: event.responseStatus?.code ?? 0,
      atMs: Date.parse(event.requestReceivedTimestamp),
    }))
    .filter((write) => write.atMs >= sinceMs)
}

const makeReadyNode = async (
  kubectl: Kubectl,
  name: string,
  labels: Record<string, string>,
): Promise<void> => {
  notice(`Node ${name} is Ready because the lab says so: no kubelet is there`)
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/arch': 'arm64',
        'kubernetes.io/os': 'linux',
        'kubernetes.io/hostname': name,
        ...labels,
      },
    },
  }
  await kubectl(['create', '-f', '-'], JSON.stringify(node))
  const resources = { cpu: '8', memory: '16Gi', pods: '110', 'devices.kubevirt.io/kvm': '1000' }
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'SaidByTheHarness',
    message: 'no kubelet is here: the test harness keeps this Node Ready',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  }
  const status = { capacity: resources, allocatable: resources, conditions: [ready] }
  await kubectl([
    'patch',
    'node',
    name,
    '--subresource',
    'status',
    '--type',
    'merge',
    '-p',
    JSON.stringify({ status }),
  ])
  // The API server's own admission taints each new Node; with no kubelet and no lifecycle controller nothing else takes it away.
  await kubectl(['patch', 'node', name, '--type', 'merge', '-p', JSON.stringify({ spec: { taints: null } })])
}
