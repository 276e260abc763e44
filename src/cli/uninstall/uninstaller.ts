import { UNFINISHED_PODS } from '../../api/pod-pin.ts'
import { PROFILES } from '../../api/resources.ts'
import { isApiError } from '../../kube/api-error.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { leases } from '../../kube/lease.ts'
import { listPages } from '../../kube/list-pages.ts'
import { BreakGlassSwitch } from './break-glass-switch.ts'
import { findInstallation } from './installation.ts'
import { LeaderSight } from './leader-sight.ts'
import { ofOthers, whyNamespaceStays } from './namespace-content.ts'
import { needingPod, PODS, type NeedingPod } from './needing-pod.ts'
import { labelsThatStay, labelsToRemove, NODES, requiredLabels, type RequiredLabels } from './node-labels.ts'
import { objectText, Removal, type RemovalParts } from './removal.ts'
import { removeSettingsReaders } from './remove-settings-readers.ts'
import {
  ALL_OF_OURS,
  LAST,
  NAMESPACES,
  NOT_LAST,
  POLICIES,
  REMOVED_KINDS,
  THE_REST,
  WORKLOADS,
  type RemovedObject,
} from './removed-kinds.ts'
import { awaitRevisions, removeRevisions } from './remove-revisions.ts'
import type { UninstallOutcome, UninstallReport } from './uninstall-report.ts'

const OUR_PODS = 'app.kubernetes.io/name=cpufeatures'

/** Takes cpufeatures out of a cluster. Each run looks at what is there, so that it continues where one before it ended. */
export class Uninstaller {
  readonly #removal: Removal
  readonly #force: boolean
  readonly #sight: LeaderSight
  readonly #breakGlass: BreakGlassSwitch
  #namespaces: ReadonlySet<string> = new Set()
  #pods: readonly NeedingPod[] = []
  #required: readonly RequiredLabels[] = []

  constructor(parts: RemovalParts, force: boolean) {
    this.#removal = new Removal(parts)
    this.#force = force
    this.#sight = new LeaderSight(this.#removal, parts.clock)
    this.#breakGlass = new BreakGlassSwitch(this.#removal)
  }

  /** Never rejects: the report says what stopped it. */
  async run(): Promise<UninstallReport> {
    try {
      return await this.#run()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return this.#report('stopped', { why })
    }
  }

  async #run(): Promise<UninstallReport> {
    const { isThere, namespaces, missing } = await findInstallation(this.#removal)
    this.#namespaces = namespaces
    await this.#lookAtPods()
    if (!isThere && (await this.#labelledNodes()).length === 0) return this.#report('not-installed')
    await this.#breakGlass.look()
    if (!(await this.#mayBegin(missing))) return this.#report('refused')
    await this.#removeProfiles()
    await this.#removeWorkloads(NOT_LAST, 'app.kubernetes.io/component in (controller,node-agent)')
    // Only now: a controller would make it again.
    for (const lease of await this.#sight.leases(this.#namespaces)) await this.#removal.delete(leases, lease)
    await removeRevisions(this.#removal)
    for (const kind of [...POLICIES, ...THE_REST]) await this.#removal.removeAll(kind, NOT_LAST)
    await this.#lookAtPods()
    await this.#removeNodeLabels()
    const labels = await this.#remainingLabels()
    if (this.#pods.length > 0)
      return this.#report('holder-stays', { stays: [...(await this.#last()), ...labels] })
    await this.#removeWorkloads(ALL_OF_OURS, 'app.kubernetes.io/component=holder')
    await this.#removePolicies()
    await this.#lookAtPods()
    for (const kind of THE_REST) await this.#removal.removeAll(kind, ALL_OF_OURS)
    const stays = [...(await this.#removeNamespaces()), ...labels, ...this.#pods.map(stuckText)]
    return this.#report('removed', { stays })
  }

  /**
   * Turns break-glass on, and looks whether pods need cpufeatures. If they do, a run without --force turns off what it turned on. But
   * it stays on where something is missing that new VM pods would wait for.
   */
  async #mayBegin(missing: readonly string[]): Promise<boolean> {
    const mayNot = () => this.#pods.length > 0 && !this.#force
    if (mayNot() && missing.length === 0) return false
    await this.#breakGlass.turnOn()
    await this.#lookAtPods()
    if (!mayNot()) return true
    if (missing.length === 0 && this.#breakGlass.turnedOn)
      await this.#breakGlass.turnOff(' again: pods need cpufeatures')
    return false
  }

  #report(outcome: UninstallOutcome, more: Partial<UninstallReport> = {}): UninstallReport {
    return {
      outcome,
      dryRun: this.#removal.parts.dryRun,
      namespaces: [...this.#namespaces],
      breakGlass: this.#breakGlass.isOn,
      pods: this.#pods,
      removed: [...this.#removal.removed],
      stays: [],
      ...more,
    }
  }

  async #lookAtPods(): Promise<void> {
    const pods: NeedingPod[] = []
    const required: RequiredLabels[] = []
    const { client } = this.#removal.parts
    for await (const { items } of listPages(client, PODS, { fieldSelector: UNFINISHED_PODS })) {
      pods.push(...items.flatMap((pod) => needingPod(pod) ?? []))
      required.push(...items.flatMap((pod) => requiredLabels(pod) ?? []))
    }
    this.#pods = pods
    this.#required = required
  }

  async #removePolicies(): Promise<void> {
    await removeSettingsReaders(this.#removal, this.#breakGlass)
    for (const kind of POLICIES) await this.#removal.removeAll(kind, ALL_OF_OURS)
    await this.#breakGlass.settle()
  }

  /** While the controller runs, because it then deletes their revisions. */
  async #removeProfiles(): Promise<void> {
    await this.#removal.removeAll(PROFILES)
    await awaitRevisions({
      removal: this.#removal,
      leads: () => this.#sight.leads(this.#namespaces),
      pinned: new Set(this.#pods.flatMap(({ revisions }) => revisions)),
      lookAtPods: async () => {
        if (this.#force) return
        await this.#lookAtPods()
        if (this.#pods.length > 0)
          throw new Error('pods that need cpufeatures were created although break-glass is on')
      },
    })
  }

  async #removeWorkloads(selector: string, components: string): Promise<void> {
    for (const kind of WORKLOADS) await this.#removal.removeAll(kind, selector)
    await this.#removal.untilGone(async () => {
      const pods = await this.#removal.list(PODS, { labelSelector: `${OUR_PODS},${components}` })
      return pods
        .filter(({ metadata }) => this.#namespaces.has(metadata.namespace ?? ''))
        .map((pod) => `${objectText(PODS, pod)} (does its node ${pod.spec.nodeName ?? ''} answer?)`)
    })
  }

  async #labelledNodes(): Promise<readonly (readonly [node: KubeObject, keys: readonly string[]])[]> {
    const nodes = await this.#removal.list(NODES)
    return nodes
      .map((node) => [node, labelsToRemove(node, this.#required)] as const)
      .filter(([, keys]) => keys.length > 0)
  }

  async #removeNodeLabels(): Promise<void> {
    const { client, dryRun } = this.#removal.parts
    for (const [{ metadata }, keys] of await this.#labelledNodes()) {
      const labels = Object.fromEntries(keys.map((key) => [key, null]))
      try {
        if (!dryRun) await client.patchMerge(NODES, { name: metadata.name }, { metadata: { labels } })
      } catch (error) {
        if (!isApiError(error, 404)) throw error
      }
      this.#removal.note(`${keys.length} labels of Node ${metadata.name}`, 'removed')
    }
  }

  async #remainingLabels(): Promise<readonly string[]> {
    return (await this.#removal.list(NODES)).flatMap((node) => labelsThatStay(node, this.#required))
  }

  /** What a container with one of our seccomp profiles needs. */
  async #last(): Promise<readonly string[]> {
    const found: string[] = []
    for (const kind of REMOVED_KINDS)
      for (const object of await this.#removal.list(kind, { labelSelector: LAST }))
        found.push(objectText(kind, object))
    return found
  }

  /** A namespace in which others have something stays. */
  async #removeNamespaces(): Promise<readonly string[]> {
    const stays: string[] = []
    const going: RemovedObject[] = []
    for (const namespace of await this.#removal.list(NAMESPACES, { labelSelector: ALL_OF_OURS })) {
      const { name } = namespace.metadata
      const others = await ofOthers(this.#removal, name)
      if (others.length === 0) going.push(namespace)
      else stays.push(whyNamespaceStays(name, others))
    }
    await this.#removal.removeObjects(NAMESPACES, going, { labelSelector: ALL_OF_OURS })
    return stays
  }
}

/** A pod that came while the last of cpufeatures was removed. */
const stuckText = ({ namespace, name, why }: NeedingPod): string =>
  `Pod ${namespace}/${name}: ${why.join('; ')}. Nothing serves it any more. Delete it`
