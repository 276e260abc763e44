import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crdsServed } from '../harness/install-crds.ts'
import { eventually } from '../harness/eventually.ts'
import { freePorts } from '../harness/free-ports.ts'
import { keepRunning, type KeptRunning } from '../harness/keep-running.ts'
import { runFolder } from '../harness/lab-paths.ts'
import { runCommand } from '../harness/process.ts'
import { progress } from '../harness/progress.ts'
import { requireTools } from '../harness/tools.ts'
import type { ControlPlaneAccess } from '../harness/control-plane-access.ts'
import { kubevirtPrograms, type KubevirtPrograms } from './kubevirt-programs.ts'
import { virtualMachine } from './virtual-machine.ts'

const NAMESPACE = 'kubevirt'

/** VMs of arm64 on an amd64 machine need the gate MultiArchitecture. The other one gives pods KubeVirt's own seccomp profile. */
const CONFIGURATION = {
  architectureConfiguration: { defaultArchitecture: 'arm64' },
  developerConfiguration: { featureGates: ['MultiArchitecture', 'KubevirtSeccompProfile'] },
  seccompConfiguration: {
    virtualMachineInstanceProfile: { customProfile: { localhostProfile: 'kubevirt/kubevirt.json' } },
  },
}

const KUBEVIRT = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'KubeVirt',
  metadata: { name: 'kubevirt', namespace: NAMESPACE },
  spec: { configuration: CONFIGURATION },
}

/** A running virt-controller and virt-api. */
export type RealKubeVirt = {
  /** A kubeconfig of virt-handler's service account. */
  readonly handlerKubeconfig: string
  stop: () => Promise<void>
}

type Setting = {
  readonly controlPlane: ControlPlaneAccess
  readonly programs: KubevirtPrograms
  readonly folder: string
  /** Path of a certificate for 127.0.0.1, and of its key. */
  readonly certificate: string
  readonly key: string
}

const apply = async ({ kubectl }: ControlPlaneAccess, objects: string): Promise<void> => {
  await kubectl(['apply', '--server-side', '-f', '-'], objects)
}

/** CRDs, rights and the KubeVirt object, as virt-operator would install them. */
const install = async ({ controlPlane, programs, certificate }: Setting): Promise<void> => {
  const { kubectl } = controlPlane
  await kubectl(['create', 'namespace', NAMESPACE])
  await apply(controlPlane, (await runCommand([programs.objects])).stdout)
  await crdsServed({ kubectl })
  await eventually('a KubeVirt object is accepted', async () => {
    await apply(controlPlane, JSON.stringify(KUBEVIRT))
    return true
  })
  // The configuration counts only from then on.
  const deployed = JSON.stringify({ status: { phase: 'Deployed' } })
  await kubectl([
    ...['patch', 'kubevirt', 'kubevirt', '-n', NAMESPACE],
    ...['--subresource=status', '--type=merge', '-p', deployed],
  ])
  await kubectl([
    'create',
    'configmap',
    'kubevirt-ca',
    '-n',
    NAMESPACE,
    `--from-file=ca-bundle=${certificate}`,
  ])
}

const makeCertificate = async (folder: string): Promise<{ certificate: string; key: string }> => {
  requireTools('openssl')
  // Alone in their folder: each write to a file beside them, as to a log, makes KubeVirt read them again and say so in its log.
  const alone = join(folder, 'certificates')
  await mkdir(alone)
  const certificate = join(alone, 'serving.crt')
  const key = join(alone, 'serving.key')
  await runCommand([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'],
    ...['-subj', '/CN=virt-api', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-days', '30', '-keyout', key, '-out', certificate],
  ])
  return { certificate, key }
}

const kubeconfigOf = (controlPlane: ControlPlaneAccess, name: string): Promise<string> =>
  controlPlane.kubeconfigFor({ serviceAccount: { namespace: NAMESPACE, name } })

const startController = async (setting: Setting, port: number): Promise<KeptRunning> => {
  const { controlPlane, programs, folder, certificate, key } = setting
  return keepRunning(
    [
      // The node whose log level counts.
      ...['env', 'NODE_NAME=lab', programs['virt-controller']],
      ...['--kubeconfig', await kubeconfigOf(controlPlane, 'kubevirt-controller')],
      ...['--launcher-image', 'localhost/virt-launcher:1', '--exporter-image', 'localhost/virt-exporter:1'],
      ...['--listen', '127.0.0.1', '--port', String(port)],
      ...['--prom-cert-file', certificate, '--prom-key-file', key],
    ],
    join(folder, 'virt-controller.log'),
  )
}

const startApi = async (setting: Setting, port: number): Promise<KeptRunning> => {
  const { controlPlane, programs, folder, certificate, key } = setting
  return keepRunning(
    [
      ...[programs['virt-api'], '--kubeconfig', await kubeconfigOf(controlPlane, 'kubevirt-apiserver')],
      ...['--listen', '127.0.0.1', '--port', String(port)],
      ...['--tls-cert-file', certificate, '--tls-key-file', key],
      ...['--handler-cert-file', certificate, '--handler-key-file', key],
    ],
    join(folder, 'virt-api.log'),
  )
}

/** A virt-api of which the API server asks admission, once it answers. */
const joinWebhooks = async ({ controlPlane, programs, certificate }: Setting, url: string): Promise<void> => {
  await apply(controlPlane, (await runCommand([programs.objects, url, certificate])).stdout)
  // An eviction strategy that does not exist: only virt-api refuses it.
  const vm = virtualMachine('probe', {}, { evictionStrategy: 'Nonsense' })
  await eventually('virt-api admits VMs', async () => {
    const dryRun = controlPlane.kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(vm))
    const answer = await dryRun.catch((error: unknown) => String(error))
    return answer.includes('unrecognized option: Nonsense') ? true : undefined
  })
}

/** Starts virt-controller and virt-api with the rights that they have in a cluster, and resolves when they work. */
export const startKubeVirt = async (controlPlane: ControlPlaneAccess): Promise<RealKubeVirt> => {
  const programs = await kubevirtPrograms()
  const folder = runFolder('kubevirt')
  const setting = { controlPlane, programs, folder, ...(await makeCertificate(folder)) }
  const running: KeptRunning[] = []
  // virt-api waits five seconds after SIGTERM for load balancers.
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((one) => one.stop(0)))
  }
  const [controllerPort = 0, apiPort = 0] = await freePorts(2)
  try {
    await progress('starting virt-controller and virt-api', async () => {
      await install(setting)
      running.push(await startController(setting, controllerPort), await startApi(setting, apiPort))
      await joinWebhooks(setting, `https://127.0.0.1:${apiPort}`)
    })
    return { handlerKubeconfig: await kubeconfigOf(controlPlane, 'kubevirt-handler'), stop }
  } catch (error) {
    await stop()
    const logs = ['virt-controller.log', 'virt-api.log'].map((name) => logEnd(join(folder, name)))
    throw new Error(`KubeVirt did not start:\n${(await Promise.all(logs)).join('\n')}`, { cause: error })
  }
}

const logEnd = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch(() => '')
  return `${file}:\n${text.trimEnd().split('\n').slice(-15).join('\n')}`
}
