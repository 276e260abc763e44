import { REVISION_FINALIZER } from '../../api/names.ts'
import { REVISIONS } from '../../api/resources.ts'
import { isApiError } from '../../kube/api-error.ts'
import type { LeaderSight } from './leader-sight.ts'
import { objectText, type Removal } from './removal.ts'

export type AwaitedRevisions = {
  readonly removal: Removal
  readonly leads: () => ReturnType<LeaderSight['leads']>
  /** Revisions that stay because pods are pinned to them. */
  readonly pinned: ReadonlySet<string>
  /** Called now and then while a revision stays; throws if a pod is the reason. */
  readonly lookAtPods: () => Promise<void>
}

const LOOK_AT_PODS_MS = 10_000

/** Waits while a controller leads, because it takes its finalizer off the revisions that no pod uses, and deletes them. */
export const awaitRevisions = async ({
  removal,
  leads,
  pinned,
  lookAtPods,
}: AwaitedRevisions): Promise<void> => {
  const { clock, say } = removal.parts
  let lookedAtMs = clock.monotonic()
  await removal.untilGone(async () => {
    const left = (await removal.list(REVISIONS)).filter(({ metadata }) => !pinned.has(metadata.name))
    if (left.length === 0) return []
    if (!(await leads())) {
      say('no controller leads: the revisions are removed without it')
      return []
    }
    if (clock.monotonic() - lookedAtMs >= LOOK_AT_PODS_MS) {
      lookedAtMs = clock.monotonic()
      await lookAtPods()
    }
    return left.map((one) => `${objectText(REVISIONS, one)} (the controller has not deleted it)`)
  })
}

/** Deletes the revisions that are left when no controller is there any more, and takes its finalizer off. */
export const removeRevisions = async (removal: Removal): Promise<void> => {
  const { client, dryRun } = removal.parts
  for (const revision of await removal.list(REVISIONS)) {
    await removal.delete(REVISIONS, revision)
    const { name, finalizers = [] } = revision.metadata
    if (dryRun || !finalizers.includes(REVISION_FINALIZER)) continue
    const others = finalizers.filter((one) => one !== REVISION_FINALIZER)
    try {
      await client.patchMerge(REVISIONS, { name }, { metadata: { finalizers: others } })
    } catch (error) {
      if (!isApiError(error, 404)) throw error
    }
  }
  await removal.removeAll(REVISIONS)
}
