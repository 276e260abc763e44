import { isDeepStrictEqual } from 'node:util'
import type { CpuFeatureProfileBaseline } from '../api/cpu-feature-profile-baseline.ts'
import type { CpuFeatureProfileRevision } from '../api/cpu-feature-profile-revision.ts'
import type { CpuFeatureProfile, LabelSelector } from '../api/cpu-feature-profile.ts'
import { breakGlass } from '../api/break-glass.ts'
import { PROFILE_LABEL, SETTINGS_NAME } from '../api/names.ts'
import type { NodeCpuFeatures } from '../api/node-cpu-features.ts'
import { hostClass } from '../compatibility/host-class.ts'
import { Informer, type InformerOptions } from '../kube/informer.ts'
import type { KubeObject } from '../kube/kube-object.ts'
import type { Resource } from '../kube/resource.ts'
import { CurrentRevisions } from './current-revisions.ts'
import { HostClassIndex } from './host-class-index.ts'
import { nodeInMemory } from './node-in-memory.ts'
import { nodeReport, type NodeReport } from './node-report.ts'
import { podInMemory } from './pod-in-memory.ts'
import type { Pod } from './pod.ts'
import { PodsByProfile } from './pods-by-profile.ts'
import { BASELINES, CONFIG_MAPS, PROFILES, REPORTS, REVISIONS } from '../api/resources.ts'
import { NODES, PODS, type Node } from './resources.ts'
import { RevisionHolds } from './revision-holds.ts'
import { RevisionUsers, type Touched } from './revision-users.ts'
import { select, type Selection } from './selection.ts'

/** What watching the API server needs, and the namespace of our settings. */
export type StateOptions = Pick<InformerOptions<KubeObject>, 'client' | 'clock' | 'log'> & {
  readonly settingsNamespace: string
}

const nodeFacts = ({ labels = {}, creationTimestamp }: Node['metadata']) => {
  const createdMs = creationTimestamp === undefined ? undefined : Date.parse(creationTimestamp)
  return { labels, createdMs }
}

/** A report as the API server sends it, and as we keep it. */
type Report = NodeCpuFeatures | NodeReport

/**
 * Everything that the controller knows of the cluster: seven informers, and what follows from them. Reconcilers read only here,
 * unless a stale answer could do harm.
 */
export class ClusterState {
  readonly profiles: Informer<CpuFeatureProfile>
  readonly baselines: Informer<CpuFeatureProfileBaseline>
  readonly revisions: Informer<CpuFeatureProfileRevision>
  readonly nodes: Informer<Node>
  readonly pods: Informer<Pod>
  readonly podsByProfile: PodsByProfile
  readonly classes = new HostClassIndex()
  readonly users = new RevisionUsers()
  readonly holds: RevisionHolds
  readonly currents = new CurrentRevisions((name) => this.profiles.get({ name }))
  readonly #reports: Informer<Report>
  readonly #settings: Informer<KubeObject>
  readonly #classHandlers = new Set<() => void>()
  readonly #useHandlers = new Set<(touched: Touched) => void>()
  readonly #reportHandlers = new Set<(node: string) => void>()
  readonly #selections = new Map<string, Selection>()

  constructor({ settingsNamespace, ...options }: StateOptions) {
    const follow = <T extends KubeObject>(resource: Resource<T>, more: Partial<InformerOptions<T>> = {}) =>
      new Informer<T>({ ...options, resource, ...more })
    this.profiles = follow(PROFILES)
    this.baselines = follow(BASELINES)
    this.revisions = follow(REVISIONS)
    this.holds = new RevisionHolds(this.revisions)
    this.nodes = follow(NODES, { transform: nodeInMemory })
    this.pods = follow(PODS, { labelSelector: PROFILE_LABEL, transform: podInMemory })
    this.podsByProfile = new PodsByProfile(this.pods)
    this.#reports = follow<Report>(REPORTS, {
      transform: (report) => ('state' in report ? report : nodeReport(report, this.#classify)),
    })
    const ours = { namespace: settingsNamespace, fieldSelector: `metadata.name=${SETTINGS_NAME}` }
    this.#settings = follow(CONFIG_MAPS, ours)
    this.#index()
  }

  /** Follows the API server until `stop`; resolves when everything was listed once. */
  async start(): Promise<void> {
    for (const informer of this.#informers()) informer.start()
    await Promise.all(this.#informers().map((informer) => informer.synced))
  }

  get synced(): boolean {
    return this.#informers().every((informer) => informer.hasSynced)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#informers().map((informer) => informer.stop()))
  }

  /** Calls back when the inputs of compiling have changed: classes, their sizes, node labels. */
  onClasses(handler: () => void): void {
    this.#classHandlers.add(handler)
  }

  /** Calls back when a pod starts or stops to use revisions, or is bound. */
  onUse(handler: (touched: Touched) => void): void {
    this.#useHandlers.add(handler)
  }

  /** Calls back when the report of a node has changed. */
  onReport(handler: (node: string) => void): void {
    this.#reportHandlers.add(handler)
  }

  /** Why break-glass is on; undefined while it is off. */
  get breakGlass(): string | undefined {
    return breakGlass(this.#settings.list()[0])
  }

  /** Calls back when our settings have changed, break-glass among them. */
  onSettings(handler: () => void): void {
    this.#settings.subscribe(handler)
  }

  /** Which nodes a selector selects; computed once between changes. */
  selection(selector: LabelSelector): Selection {
    const key = JSON.stringify(selector)
    const known =
      this.#selections.get(key) ??
      select(
        selector,
        this.classes,
        new Map(this.nodes.list().map(({ metadata }) => [metadata.name, nodeFacts(metadata)])),
      )
    this.#selections.set(key, known)
    return known
  }

  /** The revisions for which nodes get labels: those that are or may be current, and those to which a pod is pinned. */
  liveRevisions(): readonly CpuFeatureProfileRevision[] {
    return this.revisions
      .list()
      .filter(
        ({ metadata: { name } }) => this.currents.isCurrent(name) !== false || this.users.isPinned(name),
      )
  }

  #informers() {
    return [
      ...[this.profiles, this.baselines, this.revisions, this.nodes],
      ...[this.pods, this.#reports, this.#settings],
    ]
  }

  #classify = (host: Parameters<typeof hostClass>[0]) => {
    const name = hostClass(host)
    return { class: name, host: this.classes.intern(name, host) }
  }

  #index(): void {
    this.#reports.subscribe(({ kind, object }) => {
      if ('state' in object) this.#reported(kind, object)
    })
    this.pods.subscribe(({ kind, object }) => {
      const touched = kind === 'delete' ? this.users.remove(object) : this.users.set(object)
      if (touched.revisions.length > 0) for (const handler of this.#useHandlers) handler(touched)
    })
    this.nodes.subscribe((change) => {
      const same =
        change.kind === 'update' &&
        isDeepStrictEqual(change.object.metadata.labels, change.old.metadata.labels)
      if (this.#booted(change.kind, change.object) || !same) this.#classesChanged()
    })
    this.profiles.subscribe(({ kind, object }) => {
      if (kind === 'delete') this.currents.forget(object.metadata.name)
    })
  }

  /** Whether what a node refused counts otherwise now. */
  #booted(kind: 'add' | 'update' | 'delete', { metadata: { name }, status }: Node): boolean {
    return kind === 'delete'
      ? this.classes.removeBoot(name)
      : this.classes.setBoot(name, status?.nodeInfo?.bootID)
  }

  #reported(kind: 'add' | 'update' | 'delete', report: NodeReport): void {
    const { name } = report.metadata
    const changed = kind === 'delete' ? this.classes.remove(name) : this.classes.set(name, report)
    if (changed) this.#classesChanged()
    for (const handler of this.#reportHandlers) handler(name)
  }

  #classesChanged(): void {
    this.#selections.clear()
    for (const handler of this.#classHandlers) handler()
  }
}
