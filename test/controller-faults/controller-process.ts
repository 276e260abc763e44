import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getIfThere } from '../../src/kube/get-if-there.ts'
import type { KubeClient } from '../../src/kube/kube-client.ts'
import { leases } from '../../src/kube/lease.ts'
import { eventually } from '../harness/eventually.ts'
import { builtBundle } from '../harness/product-bundle.ts'
import { startProcess, type Process } from '../harness/process.ts'
import type { ApiProxy } from './api-proxy.ts'

export const NAMESPACE = 'cpufeatures-system'
const LEASE = { namespace: NAMESPACE, name: 'cpufeatures-controller' }

export type ControllerSetting = {
  readonly admin: KubeClient
  readonly proxy: ApiProxy
  readonly token: string
  readonly folder: string
  readonly name: string
}

/** So many in one cell are a crash loop. */
const MOST_STARTS = 6

/** Who holds the Lease. */
export const leader = async (admin: KubeClient): Promise<string> =>
  (await getIfThere(admin, leases, LEASE, AbortSignal.timeout(30_000)))?.spec?.holderIdentity ?? ''

/**
 * Takes the Lease from a process that has ended or is frozen. Otherwise each cell waits for 15 seconds until it runs out;
 * test/integration/controller/faults.test.ts does wait.
 */
const freeLease = async (admin: KubeClient, identity: string): Promise<void> => {
  if (!(await leader(admin)).startsWith(`${identity}_`)) return
  await admin.patchMerge(leases, LEASE, { spec: { holderIdentity: '', leaseDurationSeconds: 1 } })
}

/** The controller of the product as a process, which is started again whenever it ends, as a Deployment does it. */
export class ControllerProcess {
  readonly proxy: ApiProxy
  readonly #setting: ControllerSetting
  #process: Process | undefined
  #starts = 0
  #isStopping = false
  #kept: Promise<void> | undefined

  constructor(setting: ControllerSetting) {
    this.#setting = setting
    this.proxy = setting.proxy
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts
  }

  start(): void {
    const { folder, name, proxy, token } = this.#setting
    const file = join(folder, `${name}.kubeconfig`)
    writeFileSync(file, kubeconfig(proxy.url, token), { mode: 0o600 })
    this.#kept = this.#keep(file)
  }

  /** Resolves as soon as it has the Lease. */
  async leads(): Promise<void> {
    const { admin, name } = this.#setting
    const isSo = async () => ((await leader(admin)).startsWith(`${name}-`) ? true : undefined)
    await eventually(`${name} leads`, isSo, { everyMs: 50 })
  }

  /** Whether this holder of the Lease is the process that runs now. */
  isHolder(holder: string): boolean {
    return this.#process?.running() === true && holder.startsWith(`${this.#identity()}_`)
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    const process = this.#process
    this.#signal('SIGKILL')
    await process?.exited.catch(() => undefined)
  }

  freeze(): void {
    this.#signal('SIGSTOP')
  }

  thaw(): void {
    this.#signal('SIGCONT')
  }

  /** Gives the Lease of the frozen process away. */
  async depose(): Promise<void> {
    await freeLease(this.#setting.admin, this.#identity())
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    // At a stop in good order, what it still wants to tell may take its time; nobody looks at it any more.
    this.thaw()
    await this.kill()
    await this.#kept
    await this.proxy.stop()
  }

  #identity(): string {
    return `${this.#setting.name}-${this.#starts}`
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#process?.running() === true) process.kill(this.#process.pid, signal)
  }

  async #keep(file: string): Promise<void> {
    const { folder, name, admin } = this.#setting
    while (!this.#isStopping && this.#starts < MOST_STARTS) {
      this.#starts += 1
      const identity = this.#identity()
      const command = [
        ...[process.execPath, builtBundle(), 'controller', '--kubeconfig', file, '--namespace', NAMESPACE],
        ...['--identity', identity, '--metrics-address', '127.0.0.1:0', '--log-level', 'debug'],
      ]
      this.#process = startProcess(command, join(folder, `${name}.log`))
      await this.#process.exited.catch(() => undefined)
      await freeLease(admin, identity)
    }
  }
}

/** client-node takes plain HTTP only with this setting. */
const kubeconfig = (server: string, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'lab', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
    'current-context': 'lab',
  })
