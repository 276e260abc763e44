import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProfileProblem } from '../../catalogue/profile-problems.ts'
import { WIDEST_IOCTLS } from '../../launch/decide/widest-ioctls.ts'
import { CONTAINER_PROFILES, localhostProfile, type ContainerProfile } from './container-profiles.ts'
import { installProfile } from './install-profile.ts'
import { writeLossless } from './lossless-json.ts'
import { notifyingFilter } from './notifying-filter.ts'
import { readBase, type BaseSources } from './read-base.ts'

/** Where profiles come from and go to. */
export type ProfilePlaces = BaseSources & {
  /** The folder of the profiles, as this process sees it. */
  readonly folder: string
  /** The socket to which runtimes send listeners, on the node. */
  readonly listenerPath: string
}

/** What became of one profile. */
export type KeptProfile =
  | { readonly kind: 'written' | 'unchanged' | 'not-needed' }
  | { readonly kind: 'problem'; readonly problem: ProfileProblem }

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const keepProfile = async (places: ProfilePlaces, profile: ContainerProfile): Promise<KeptProfile> => {
  const base = await readBase(places, profile)
  if (base.kind !== 'base') return base
  const metadata = localhostProfile(profile.name)
  const made = notifyingFilter(base.filter, WIDEST_IOCTLS, { path: places.listenerPath, metadata })
  if (made.kind === 'unusable')
    return { kind: 'problem', problem: { reason: made.reason, about: `the base of ${metadata}` } }
  const written = await installProfile(places.folder, `${profile.name}.json`, writeLossless(made.filter))
  return { kind: written ? 'written' : 'unchanged' }
}

const keptOrProblem = async (places: ProfilePlaces, profile: ContainerProfile): Promise<KeptProfile> => {
  try {
    return await keepProfile(places, profile)
  } catch (error) {
    const about = `${localhostProfile(profile.name)}: ${messageOf(error)}`
    return { kind: 'problem', problem: { reason: 'FileFailed', about } }
  }
}

/** The kubelet makes a folder for each of its pods, also for ours: no other folder holds that. */
const isKubeletRoot = async ({ hostRoot, kubeletRoot, pod }: BaseSources): Promise<boolean> => {
  const own = join(hostRoot, kubeletRoot, 'pods', pod.metadata.uid ?? '')
  return (
    pod.metadata.uid !== undefined &&
    (await stat(own).then(
      (it) => it.isDirectory(),
      () => false,
    ))
  )
}

/**
 * Makes every profile anew from what the node has now, and writes the files whose content differs. A profile that cannot be made keeps the
 * file that it has: pods that run with it then start again under what was right before.
 */
export const keepProfiles = async (places: ProfilePlaces): Promise<readonly KeptProfile[]> => {
  const isRoot = await isKubeletRoot(places)
  const kept = await Promise.all(CONTAINER_PROFILES.map((profile) => keptOrProblem(places, profile)))
  if (isRoot) return kept
  return [...kept, { kind: 'problem', problem: { reason: 'KubeletRootWrong', about: places.kubeletRoot } }]
}
