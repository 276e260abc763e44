import { INSTALLED_OBJECTS } from '../../api/installed-objects.ts'
import { INSTALLED_LABEL } from '../../api/names.ts'
import { objectText, type Removal } from './removal.ts'
import { ALL_OF_OURS, NAMESPACES, REMOVED_KINDS } from './removed-kinds.ts'

/** What of cpufeatures is in the cluster. */
export type Installation = {
  readonly isThere: boolean
  /** The namespaces of our objects, whatever their names are. */
  readonly namespaces: ReadonlySet<string>
  /** What VM pods need of what runs, and what is not there: without it, new ones get stuck. */
  readonly missing: readonly string[]
}

/** What has to run so that a VM pod that names a profile starts. */
const RUNNING = [
  'Deployment cpufeatures-controller',
  'DaemonSet cpufeatures-node-agent',
  'DaemonSet cpufeatures-holder',
]

/** Objects with our names that lack our label. */
const unlabelled = async (removal: Pick<Removal, 'list'>): Promise<readonly string[]> => {
  const found: string[] = []
  for (const { resource, names } of INSTALLED_OBJECTS)
    for (const object of await removal.list(resource)) {
      const { name, labels } = object.metadata
      if (names.includes(name) && labels?.[INSTALLED_LABEL] === undefined)
        found.push(objectText(resource, object))
    }
  return found
}

/** Looks what is installed, and where. Throws an Error if objects of ours lack the label by which they are found. */
export const findInstallation = async (removal: Pick<Removal, 'list'>): Promise<Installation> => {
  const namespaces = new Set<string>()
  const found = new Set<string>()
  let isThere = false
  for (const kind of REMOVED_KINDS)
    for (const { metadata } of await removal.list(kind, { labelSelector: ALL_OF_OURS })) {
      isThere = true
      if (metadata.deletionTimestamp === undefined) found.add(`${kind.kind} ${metadata.name}`)
      if (kind === NAMESPACES) namespaces.add(metadata.name)
      if (metadata.namespace !== undefined) namespaces.add(metadata.namespace)
    }
  const without = await unlabelled(removal)
  if (without.length > 0)
    throw new Error(
      `${without.join(', ')}: the label ${INSTALLED_LABEL} is missing, so nobody can tell what else belongs to it. Nothing ` +
        'was changed. Apply deploy/ of this version, which labels every object, and then uninstall again',
    )
  return { isThere, namespaces, missing: RUNNING.filter((one) => !found.has(one)) }
}
