import { breakGlass } from '../../api/break-glass.ts'
import { BREAK_GLASS_ANNOTATION, SETTINGS_NAME } from '../../api/names.ts'
import { CONFIG_MAPS, PROFILES } from '../../api/resources.ts'
import { isApiError } from '../../kube/api-error.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { leases } from '../../kube/lease.ts'
import { listPages } from '../../kube/list-pages.ts'
import { findInstallation } from './installation.ts'
import { LeaderSight } from './leader-sight.ts'
import { needingPod, PODS, type NeedingPod } from './needing-pod.ts'
import { labelsToRemove, NODES } from './node-labels.ts'
import { objectText, Removal, type RemovalParts } from './removal.ts'
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

/** What break-glass says while cpufeatures is being uninstalled, and after that if something stays. */
export const BREAK_GLASS_REASON =
  'cpufeatures is being uninstalled; if you have installed it again, remove this annotation'

/** After this long, API servers have seen a change. */
const SETTLED_MS = 5_000

const UNFINISHED = 'status.phase!=Succeeded,status.phase!=Failed'
const OUR_NAME = 'app.kubernetes.io/name'
const OUR_PODS = `${OUR_NAME}=cpufeatures`

/** Takes cpufeatures out of a cluster. Each run looks at what is there, so that it continues where one before it ended. */
export class Uninstaller {
  readonly #removal: Removal
  readonly #force: boolean
  readonly #sight: LeaderSight
  #namespaces: ReadonlySet<string> = new Set()
  #pods: readonly NeedingPod[] = []

  constructor(parts: RemovalParts, force: boolean) {
    this.#removal = new Removal(parts)
    this.#force = force
    this.#sight = new LeaderSight(this.#removal, parts.clock)
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
    const { isThere, namespaces } = await findInstallation(this.#removal)
    this.#namespaces = namespaces
    await this.#lookAtPods()
    if (!isThere && (await this.#labelledNodes()).length === 0) return this.#report('not-installed')
    if (this.#pods.length > 0 && !this.#force) return this.#report('refused')
    await this.#turnBreakGlassOn()
    await this.#removeProfiles()
    await this.#removeWorkloads(NOT_LAST, 'app.kubernetes.io/component in (controller,node-agent)')
    // Only now: a controller would make it again.
    for (const lease of await this.#sight.leases(this.#namespaces)) await this.#removal.delete(leases, lease)
    await removeRevisions(this.#removal)
    for (const kind of [...POLICIES, ...THE_REST]) await this.#removal.removeAll(kind, NOT_LAST)
    await this.#lookAtPods()
    await this.#removeNodeLabels()
    if (this.#pods.length > 0) return this.#report('holder-stays', { stays: await this.#last() })
    await this.#removeWorkloads(ALL_OF_OURS, 'app.kubernetes.io/component=holder')
    await this.#removePolicies()
    for (const kind of THE_REST) await this.#removal.removeAll(kind, ALL_OF_OURS)
    return this.#report('removed', { stays: await this.#removeNamespaces() })
  }

  #report(outcome: UninstallOutcome, more: Partial<UninstallReport> = {}): UninstallReport {
    return {
      outcome,
      dryRun: this.#removal.parts.dryRun,
      namespaces: [...this.#namespaces],
      pods: this.#pods,
      removed: [...this.#removal.removed],
      stays: [],
      ...more,
    }
  }

  async #lookAtPods(): Promise<void> {
    const found: NeedingPod[] = []
    for await (const { items } of listPages(this.#removal.parts.client, PODS, { fieldSelector: UNFINISHED }))
      found.push(...items.flatMap((pod) => needingPod(pod) ?? []))
    this.#pods = found
  }

  async #settings(): Promise<readonly KubeObject[]> {
    const ours = await this.#removal.list(CONFIG_MAPS, { labelSelector: ALL_OF_OURS })
    return ours.filter(({ metadata }) => metadata.name === SETTINGS_NAME)
  }

  /** From now on no new pod gets our seccomp profile. VMs start without their CPU profile, and nobody refuses them. */
  async #turnBreakGlassOn(): Promise<void> {
    const { client, dryRun, say } = this.#removal.parts
    for (const settings of await this.#settings()) {
      if (breakGlass(settings) !== undefined) continue
      say(
        `${dryRun ? 'would have turned' : 'turned'} break-glass on: new VM pods start without their profile`,
      )
      const patch = { metadata: { annotations: { [BREAK_GLASS_ANNOTATION]: BREAK_GLASS_REASON } } }
      if (!dryRun) await client.patchMerge(CONFIG_MAPS, settings.metadata, patch)
    }
  }

  /**
   * An API server stops to follow ConfigMaps about a second after the last binding that reads one has gone, and never follows them again
   * (kubernetes#130887). If cpufeatures is installed again, it goes by what it knew then. So that must be settings without break-glass.
   */
  async #removePolicies(): Promise<void> {
    const { client, clock, dryRun, say } = this.#removal.parts
    const settings = dryRun ? [] : await this.#settings()
    for (const one of settings) {
      if (breakGlass(one) === undefined) continue
      const patch = { metadata: { annotations: { [BREAK_GLASS_ANNOTATION]: null } } }
      await client.patchMerge(CONFIG_MAPS, one.metadata, patch)
      say('turned break-glass off, so that the API servers do not remember it')
      await clock.sleep(SETTLED_MS)
    }
    for (const kind of POLICIES) await this.#removal.removeAll(kind, ALL_OF_OURS)
    if (settings.length > 0) await clock.sleep(SETTLED_MS)
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
          throw new Error('pods that need cpufeatures were created just before break-glass was on')
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
      .map((node) => [node, labelsToRemove(node, this.#pods)] as const)
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

  /** What a container with one of our seccomp profiles needs. */
  async #last(): Promise<readonly string[]> {
    const found: string[] = []
    for (const kind of REMOVED_KINDS)
      for (const object of await this.#removal.list(kind, { labelSelector: LAST }))
        found.push(objectText(kind, object))
    return found
  }

  /** A namespace in which others have pods stays. */
  async #removeNamespaces(): Promise<readonly string[]> {
    const stays: string[] = []
    const going: RemovedObject[] = []
    for (const namespace of await this.#removal.list(NAMESPACES, { labelSelector: ALL_OF_OURS })) {
      const { name } = namespace.metadata
      const others = await this.#removal.list(PODS, {
        namespace: name,
        labelSelector: `${OUR_NAME}!=cpufeatures`,
      })
      if (others.length === 0) going.push(namespace)
      else {
        const names = others.map((pod) => pod.metadata.name).join(', ')
        stays.push(`Namespace ${name}: it has pods of others (${names}). Delete it yourself`)
      }
    }
    await this.#removal.removeObjects(NAMESPACES, going, { labelSelector: ALL_OF_OURS })
    return stays
  }
}
