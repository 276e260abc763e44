import { join } from 'node:path'
import type { ProfileProblem } from '../../catalogue/profile-problems.ts'
import type { ContainerProfile } from './container-profiles.ts'
import { UNFILTERED } from './notifying-filter.ts'
import type { OciSeccomp } from './oci-seccomp.ts'
import type { Pod } from '../resources.ts'
import { filterOfConfig, filterOfFile, type ReadFilter } from './read-filter.ts'
import { runtimeConfig, textIfThere } from './runtime-config.ts'

/** The node, and the pod of the node-agent on it. */
export type BaseSources = {
  /** Where the root folder of the node is seen. */
  readonly hostRoot: string
  /** The kubelet's folder, on the node. */
  readonly kubeletRoot: string
  readonly pod: Pod
}

export type BaseRead =
  | { readonly kind: 'base'; readonly filter: OciSeccomp }
  /** Nobody on this node can ask for the profile. */
  | { readonly kind: 'not-needed' }
  | { readonly kind: 'problem'; readonly problem: ProfileProblem }

const problem = (reason: ProfileProblem['reason'], about: string): BaseRead => ({
  kind: 'problem',
  problem: { reason, about },
})

type ReferenceBase = Extract<ContainerProfile['base'], { readonly kind: 'reference' }>

const referenceFilter = (read: ReadFilter, { container, mayBeUnfiltered }: ReferenceBase): BaseRead => {
  switch (read.kind) {
    case 'filter':
      return { kind: 'base', filter: read.filter }
    case 'none':
      return mayBeUnfiltered ? { kind: 'base', filter: UNFILTERED } : problem('FilterNotApplied', container)
    case 'unreadable':
      return problem('FilterUnreadable', `${container}: ${read.error}`)
    default:
      return read satisfies never
  }
}

const readReference = async ({ hostRoot, pod }: BaseSources, base: ReferenceBase): Promise<BaseRead> => {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === base.container)
  if (status === undefined) return problem('ReferenceMissing', base.container)
  const { containerID = '' } = status
  if (containerID === '') return problem('ReferenceNotRunning', base.container)
  const text = await runtimeConfig(hostRoot, containerID)
  if (text === undefined) return problem('ReferenceConfigMissing', `${base.container}, ${containerID}`)
  return referenceFilter(filterOfConfig(text), base)
}

const readKubevirt = async ({ hostRoot, kubeletRoot }: BaseSources): Promise<BaseRead> => {
  const path = join(kubeletRoot, 'seccomp/kubevirt/kubevirt.json')
  const text = await textIfThere(join(hostRoot, path))
  if (text === undefined) return { kind: 'not-needed' }
  const read = filterOfFile(text)
  return read.kind === 'filter'
    ? { kind: 'base', filter: read.filter }
    : problem('FilterUnreadable', read.kind === 'unreadable' ? `${path}: ${read.error}` : path)
}

/** Reads the filter on which a profile builds. Throws what the file system says, unless a file is not there. */
export const readBase = async (sources: BaseSources, { base }: ContainerProfile): Promise<BaseRead> => {
  switch (base.kind) {
    case 'reference':
      return readReference(sources, base)
    case 'unfiltered':
      return { kind: 'base', filter: UNFILTERED }
    case 'kubevirt':
      return readKubevirt(sources)
    default:
      return base satisfies never
  }
}
