import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kubeconfig } from './control-plane-access.ts'
import type { ControlPlaneAddress } from './control-plane-access.ts'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

/** What a kubelet needs to join a control plane, as the texts of files. */
export type NodeCredentials = {
  /** With a token of the user `system:node:NAME`, for the address at which an emulated host reaches the API server. */
  kubeconfig: string
  /** Whose certificates the kubelet takes from clients: the API server's. */
  clientCa: string
}

const SECRET = randomBytes(16)

const tokenOf = (name: string): string => createHash('sha256').update(SECRET).update(name).digest('hex')

/** The line of a node in the API server's token file: a user with the rights of this node. */
export const nodeUser = (name: string): string =>
  `${tokenOf(name)},system:node:${name},${name},"system:nodes"`

export const credentialsOf = async (
  name: string,
  { server, caFile, folder }: ControlPlaneAddress,
): Promise<NodeCredentials> => ({
  kubeconfig: await kubeconfig(server.replace('127.0.0.1', '10.0.2.2'), caFile, tokenOf(name)),
  clientCa: await readFile(join(folder, 'kubelet-client.crt'), 'utf8'),
})

/** Writes the certificate with which the API server comes to kubelets, and the file that says where nodes are. */
export const writeNodeInputs = async (folder: string, nodes: readonly string[]): Promise<void> => {
  requireTools('openssl')
  const client = join(folder, 'kubelet-client')
  await runCommand([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'],
    ...['-subj', '/O=system:masters/CN=kube-apiserver', '-addext', 'extendedKeyUsage=clientAuth'],
    ...['-days', '30', '-keyout', `${client}.key`, '-out', `${client}.crt`],
  ])
  await writeFile(join(folder, 'hosts'), `127.0.0.1 ${['localhost', ...nodes].join(' ')}\n`)
}

/** Flags with which the API server reaches each kubelet by the name of its node, at the port that the node reports. */
export const kubeletFlags = (folder: string): string[] => [
  `--kubelet-client-certificate=${join(folder, 'kubelet-client.crt')}`,
  `--kubelet-client-key=${join(folder, 'kubelet-client.key')}`,
  '--kubelet-preferred-address-types=Hostname',
]

/** Begins a command that finds nodes by their names: it has an /etc/hosts of its own, and this machine's stays as it is. */
export const inNetworkOfNodes = (folder: string): string[] => {
  requireTools('unshare')
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user']
  const script = 'mount --bind "$0" /etc/hosts && exec setpriv --pdeathsig KILL -- "$@"'
  return ['unshare', '--mount', ...asRoot, 'sh', '-c', script, join(folder, 'hosts')]
}
