import { objectKey } from '../kube/object-store.ts'
import { pinnedRevisions } from '../api/pod-pin.ts'
import type { Pod } from './pod.ts'

type Use = {
  readonly revisions: readonly string[]
  readonly node: string | undefined
}

/** The revisions and nodes that a change of a pod affects. */
export type Touched = {
  readonly revisions: readonly string[]
  readonly nodes: readonly string[]
}

const NO_USE: Use = { revisions: [], node: undefined }

/** Which pods are pinned to which revision, and where they are bound. */
export class RevisionUsers {
  readonly #pods = new Map<string, Use>()
  readonly #byRevision = new Map<string, Set<string>>()
  readonly #byNode = new Map<string, Set<string>>()
  readonly #beingPinned = new Map<string, number>()

  /** Records the pod's present state, and returns whose use has changed. */
  set(pod: Pod): Touched {
    return this.#change(objectKey(pod.metadata), { revisions: pinnedRevisions(pod), node: pod.spec.nodeName })
  }

  remove(pod: Pod): Touched {
    return this.#change(objectKey(pod.metadata), NO_USE)
  }

  /** Whether a pod is pinned to the revision, or is being pinned right now. */
  isPinned(revision: string): boolean {
    return this.#byRevision.has(revision) || this.#beingPinned.has(revision)
  }

  /** The revisions that pods bound to a node require. */
  requiredOn(node: string): ReadonlySet<string> {
    const pods = this.#byNode.get(node) ?? []
    return new Set([...pods].flatMap((key) => this.#pods.get(key)?.revisions ?? []))
  }

  /** Counts a pod as pinned from before the write until its answer arrives, because a list made meanwhile may not show it. */
  async whilePinning(revision: string, write: () => Promise<void>): Promise<void> {
    this.#beingPinned.set(revision, (this.#beingPinned.get(revision) ?? 0) + 1)
    try {
      await write()
    } finally {
      const left = (this.#beingPinned.get(revision) ?? 1) - 1
      if (left === 0) this.#beingPinned.delete(revision)
      else this.#beingPinned.set(revision, left)
    }
  }

  #change(key: string, now: Use): Touched {
    const before = this.#pods.get(key) ?? NO_USE
    if (before.node === now.node && before.revisions.join() === now.revisions.join())
      return { revisions: [], nodes: [] }
    for (const revision of before.revisions) drop(this.#byRevision, revision, key)
    if (before.node !== undefined) drop(this.#byNode, before.node, key)
    if (now.revisions.length === 0) this.#pods.delete(key)
    else this.#enter(key, now)
    const nodes = [before.node, now.node].filter((node) => node !== undefined)
    return { revisions: [...new Set([...before.revisions, ...now.revisions])], nodes: [...new Set(nodes)] }
  }

  #enter(key: string, use: Use): void {
    this.#pods.set(key, use)
    for (const revision of use.revisions) put(this.#byRevision, revision, key)
    if (use.node !== undefined) put(this.#byNode, use.node, key)
  }
}

const put = (index: Map<string, Set<string>>, at: string, key: string): void => {
  const keys = index.get(at) ?? new Set()
  index.set(at, keys.add(key))
}

const drop = (index: Map<string, Set<string>>, at: string, key: string): void => {
  const keys = index.get(at)
  keys?.delete(key)
  if (keys?.size === 0) index.delete(at)
}
