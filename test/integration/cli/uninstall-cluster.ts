import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { RemovalParts } from '../../../src/cli/uninstall/removal.ts'
import type { UninstallReport } from '../../../src/cli/uninstall/uninstall-report.ts'
import { Uninstaller } from '../../../src/cli/uninstall/uninstaller.ts'
import { createKubeClient } from '../../../src/kube/create-kube-client.ts'
import type { KubeObject } from '../../../src/kube/kube-object.ts'
import { systemClock, type Clock } from '../../../src/runtime/clock.ts'
import { startControlPlane, type ControlPlane } from '../../harness/control-plane.ts'
import { eventually } from '../../harness/eventually.ts'
import { LAB_PATHS, runFolder } from '../../harness/lab-paths.ts'
import { runCommand } from '../../harness/process.ts'
import { builtBundle } from '../../harness/product-bundle.ts'
import { policiesAtWork, VMM, vmPod } from '../api/installed-api.ts'
import { fixtureHostFile, profileOf, runVerb } from './run-verb.ts'

export const ELSEWHERE = 'vm-cpus'

/** A container that keeps our seccomp profile while break-glass is on, too. */
export const OUR_VMM = {
  ...VMM,
  securityContext: {
    seccompProfile: { type: 'Localhost', localhostProfile: 'cpufeatures/unset-chroot.json' },
  },
}

/** What `cpufeatures uninstall -o json` said. */
export type Uninstalled = { status: number; report: UninstallReport; progress: string }

/** Every kind of which deploy/ installs something, for kubectl. */
const KINDS =
  'deployments,daemonsets,poddisruptionbudgets,networkpolicies,configmaps,serviceaccounts,roles,rolebindings,clusterroles,' +
  'clusterrolebindings,mutatingadmissionpolicies,mutatingadmissionpolicybindings,validatingadmissionpolicies,' +
  'validatingadmissionpolicybindings,customresourcedefinitions,namespaces'

/** A real control plane with its controllers, and all of deploy/ in another namespace. Without a kubelet nothing of it runs. */
export class UninstallCluster {
  readonly controlPlane: ControlPlane
  readonly #folder: string

  private constructor(controlPlane: ControlPlane, folder: string) {
    this.controlPlane = controlPlane
    this.#folder = folder
  }

  /** With two nodes, on which no pod of ours is placed: nobody would end it there. */
  static async start(): Promise<UninstallCluster> {
    const controlPlane = await startControlPlane({ schedulerAndControllers: true })
    for (const name of ['n1', 'n2']) {
      await controlPlane.makeReadyNode(name, { 'kubernetes.io/arch': 'amd64' })
      await controlPlane.kubectl(['cordon', name])
    }
    const folder = runFolder('uninstall')
    mkdirSync(folder, { recursive: true })
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: ELSEWHERE,
      resources: [relative(folder, join(LAB_PATHS.root, 'deploy'))],
    }
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization))
    return new UninstallCluster(controlPlane, folder)
  }

  async install(): Promise<void> {
    await eventually('everything is applied', () => this.apply())
    await policiesAtWork(this.controlPlane)
  }

  /** Applies deploy/ as docs/how-to/install.md says, and turns break-glass off; what kubectl said. */
  async apply(): Promise<string> {
    const { kubectl } = this.controlPlane
    await kubectl(['apply', '--server-side', '-k', this.#folder])
    const settings = ['configmap', 'cpufeatures-settings', '-n', ELSEWHERE]
    return await kubectl(['annotate', ...settings, 'cpufeatures.dev/break-glass-'])
  }

  /** What the API server makes of a VM pod that is created now; nothing is stored. */
  admits(pod: object = vmPod('later')): Promise<string> {
    const create = ['create', '--dry-run=server', '-o', 'json', '-f', '-']
    return this.controlPlane.kubectl(create, JSON.stringify(pod))
  }

  /** Why break-glass is on; undefined if it is off. */
  async breakGlass(): Promise<string | undefined> {
    const settings = ['configmap', 'cpufeatures-settings', '-n', ELSEWHERE, '-o', 'json']
    const { metadata } = JSON.parse(await this.controlPlane.kubectl(['get', ...settings])) as KubeObject
    return metadata.annotations?.['cpufeatures.dev/break-glass']
  }

  /** Uninstalls in this process without --force, through a client that `change` changes in part. */
  async uninstallWith(
    change: (real: RemovalParts['client']) => Partial<RemovalParts['client']>,
    clock: Clock = systemClock,
  ): Promise<UninstallReport> {
    const kubeconfig = this.controlPlane.adminKubeconfig
    const real = await createKubeClient({ kubeconfig, clock: systemClock, fieldManager: 'test' })
    const client: RemovalParts['client'] = {
      list: (...args) => real.list(...args),
      create: (...args) => real.create(...args),
      patchMerge: (...args) => real.patchMerge(...args),
      delete: (...args) => real.delete(...args),
      ...change(real),
    }
    const parts = { client, clock, dryRun: false, timeoutSeconds: 600, say: () => undefined }
    const report = await new Uninstaller(parts, false).run()
    real.close()
    return report
  }

  /** A profile with a revision that has the controller's finalizer, as if a pod were pinned; the revision's name. */
  async addRevision(profile: string): Promise<string> {
    const { kubectl } = this.controlPlane
    const object = profileOf({ base: { host: {} } }, profile)
    await this.create(object)
    const compiled = runVerb(
      ['compile', '-f', '-', '--hosts', fixtureHostFile('neoverse-n1-6.18')],
      object,
    ).stdout
    const name = /^ {2}name: (\S+)$/m.exec(compiled)?.[1] ?? ''
    await kubectl(['create', '-f', '-'], compiled)
    const finalizers = JSON.stringify({ metadata: { finalizers: ['cpufeatures.dev/revision-in-use'] } })
    await kubectl(['patch', 'cfpr', name, '--type=merge', '-p', finalizers])
    return name
  }

  /** A pod with a VM that the controller has pinned and that is bound to a node. */
  async addVm(name: string, revision: string, node: string): Promise<void> {
    const { kubectl } = this.controlPlane
    await this.create(vmPod(name))
    const serviceAccount = { namespace: ELSEWHERE, name: 'cpufeatures-controller' }
    const kubeconfig = await this.controlPlane.kubeconfigFor({ serviceAccount })
    const requirement = { key: `rev.cpufeatures.dev/${revision}`, operator: 'Exists' }
    const required = { nodeSelectorTerms: [{ matchExpressions: [requirement] }] }
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: required }
    const pin = [
      { op: 'add', path: '/metadata/annotations', value: { 'cpufeatures.dev/revision': revision } },
      { op: 'add', path: '/spec/affinity', value: { nodeAffinity } },
      { op: 'remove', path: '/spec/schedulingGates/0' },
    ]
    await kubectl([
      ...['--kubeconfig', kubeconfig, 'patch', 'pod', name],
      ...['--type=json', '-p', JSON.stringify(pin)],
    ])
    const target = { apiVersion: 'v1', kind: 'Node', name: node }
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target }
    await kubectl(
      ['create', '--raw', `/api/v1/namespaces/default/pods/${name}/binding`, '-f', '-'],
      JSON.stringify(binding),
    )
  }

  async create(object: object): Promise<void> {
    await this.controlPlane.kubectl(['create', '-f', '-'], JSON.stringify(object))
  }

  async uninstall(...args: readonly string[]): Promise<Uninstalled> {
    const command = [...this.command(), '-o', 'json', ...args]
    const { stdout, stderr, exitCode } = await runCommand(command, { mayFail: true })
    if (stdout === '') throw new Error(stderr)
    return { status: exitCode, report: JSON.parse(stdout) as UninstallReport, progress: stderr }
  }

  /** The command line without further options. */
  command(): readonly string[] {
    const { adminKubeconfig } = this.controlPlane
    return [process.execPath, builtBundle(), 'uninstall', '--kubeconfig', adminKubeconfig]
  }

  /** Whatever the user of the command line has changed while `work` ran. */
  async writesDuring(work: () => Promise<void>): Promise<readonly string[]> {
    const since = Date.now()
    await work()
    return (await this.controlPlane.auditedWrites(since))
      .filter(({ user }) => user === 'admin')
      .map(({ verb, resource, name }) => `${verb} ${resource} ${name ?? ''}`)
  }

  /** `kind/name` of all that is labelled as installed. */
  async installed(): Promise<readonly string[]> {
    const args = ['get', KINDS, '-A', '-l', 'cpufeatures.dev/installed', '-o', 'name']
    return (await this.controlPlane.kubectl(args)).split('\n').filter((line) => line !== '')
  }

  /** The labels of ours on a node. */
  async labelsOf(node: string): Promise<readonly string[]> {
    const text = await this.controlPlane.kubectl(['get', 'node', node, '-o', 'json'])
    const { metadata } = JSON.parse(text) as { metadata: { labels: object } }
    return Object.keys(metadata.labels).filter((key) => key.includes('cpufeatures.dev/'))
  }

  async stop(): Promise<void> {
    await this.controlPlane.stop()
  }
}
