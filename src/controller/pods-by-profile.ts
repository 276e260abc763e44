import type { Informer } from '../kube/informer.ts'
import { objectKey } from '../kube/object-store.ts'
import { profileOf, type Pod } from './pod.ts'

/** The pods that name each profile: what concerns one profile does not look through all pods. */
export class PodsByProfile {
  readonly #pods = new Map<string, Map<string, Pod>>()

  constructor(pods: Pick<Informer<Pod>, 'subscribe'>) {
    pods.subscribe((change) => {
      if (change.kind === 'update') this.#remove(change.old)
      if (change.kind === 'delete') this.#remove(change.object)
      else this.#add(change.object)
    })
  }

  /** The pods that name a profile. */
  of(profile: string): readonly Pod[] {
    return [...(this.#pods.get(profile)?.values() ?? [])]
  }

  #add(pod: Pod): void {
    const profile = profileOf(pod)
    if (profile === undefined) return
    const pods = this.#pods.get(profile) ?? new Map<string, Pod>()
    this.#pods.set(profile, pods.set(objectKey(pod.metadata), pod))
  }

  #remove(pod: Pod): void {
    const profile = profileOf(pod) ?? ''
    const pods = this.#pods.get(profile)
    pods?.delete(objectKey(pod.metadata))
    if (pods?.size === 0) this.#pods.delete(profile)
  }
}
