import type { CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import { ALL_REPORTED, type UnreportedNodes } from '../../profile/baseline/unreported-nodes.ts'
import { clusterDocument, clusterHosts } from './cluster-documents.ts'
import { clusterReference } from './cluster-reference.ts'
import type { ClusterKind, ClusterReference } from './cluster-reference.ts'
import { documentsNamed } from './documents-named.ts'
import type { InputOptions } from './input-options.ts'
import { InputError } from './input-error.ts'
import { hostsIn, namedClasses } from './named-class.ts'
import type { NamedClass, NamedHost } from './named-class.ts'
import type { InputDocument } from './parse-document.ts'

/** The documents of the files that the user named. */
export type Given = { readonly documents: readonly InputDocument[]; readonly options: InputOptions }

/** The hosts that a verb is about, and the selected nodes that have not reported. */
export type GatheredHosts = {
  readonly hosts: readonly NamedHost[]
  readonly unreported: UnreportedNodes
  readonly notes: readonly string[]
}

/** Reads the files and cluster objects that the user named. */
export const givenDocuments = async (options: InputOptions): Promise<Given> => ({
  documents: await documentsNamed([...(options.file ?? []), ...(options.hosts ?? [])], options),
  options,
})

const notRead = (documents: readonly InputDocument[]): readonly string[] =>
  documents.flatMap((document) =>
    document.kind === 'unprobed' ? [`node ${document.name} has no host document: ${document.why}`] : [],
  )

const ofFiles = (documents: readonly InputDocument[]): GatheredHosts => ({
  hosts: hostsIn(documents),
  unreported: ALL_REPORTED,
  notes: notRead(documents),
})

const ofCluster = async (options: InputOptions, spec?: CpuFeatureProfileSpec): Promise<GatheredHosts> => {
  const { documents, selected } = await clusterHosts(options, spec)
  const hosts = hostsIn(documents).map((one) => ({ ...one, selected: selected?.has(one.name) ?? true }))
  const reported = new Set(hosts.map(({ name }) => name))
  const waitedFor = [...(selected ?? [])].filter((name) => !reported.has(name)).toSorted()
  return { hosts, unreported: { ...ALL_REPORTED, waitedFor }, notes: notRead(documents) }
}

/** The hosts in the files or, if no file has any, in the cluster. Throws InputError if there are none at all. */
export const gatherHosts = async (
  { documents, options }: Given,
  spec?: CpuFeatureProfileSpec,
): Promise<GatheredHosts> => {
  const inFiles = ofFiles(documents)
  if (inFiles.hosts.length > 0) return inFiles
  if (options.hosts !== undefined) {
    throw new InputError(
      `--hosts ${options.hosts.join(' ')}: no host document found${inFiles.notes.map((note) => `; ${note}`).join('')}`,
    )
  }
  const gathered = await ofCluster(options, spec)
  if (gathered.hosts.length === 0)
    throw new InputError(['the cluster has no node with a report', ...gathered.notes].join('\n  '))
  return gathered
}

/** The classes of {@link gatherHosts}. */
export const classesOf = async (given: Given, spec?: CpuFeatureProfileSpec): Promise<readonly NamedClass[]> =>
  namedClasses((await gatherHosts(given, spec)).hosts)

/** The documents of some kinds. */
export type OfKind<K extends InputDocument['kind']> = Extract<InputDocument, { readonly kind: K }>

const isOfKind =
  <K extends InputDocument['kind']>(kinds: readonly K[]) =>
  (document: InputDocument): document is OfKind<K> =>
    kinds.some((kind) => kind === document.kind)

const described = ({ kind, name, source }: InputDocument): string => `${kind} ${name} (${source})`

/** `revision/fleet-0123456789` names its kind; a bare name has the first kind. */
const referenceOf = (name: string, [first]: readonly [ClusterKind, ...ClusterKind[]]): ClusterReference =>
  clusterReference(name) ?? { kind: first, name }

/**
 * The one document of these kinds: from the files or, given a NAME on the command line, from the cluster. Throws InputError if there is
 * not exactly one.
 */
export const gatherSubject = async <K extends ClusterKind & InputDocument['kind']>(
  { documents, options }: Given,
  kinds: readonly [K, ...K[]],
  name: string | undefined,
): Promise<OfKind<K>> => {
  const wanted = kinds.join(' or ')
  const found = documents.filter(isOfKind(kinds))
  const [first, second] = found
  if (second !== undefined) {
    throw new InputError(`give one ${wanted} at a time: ${found.map(described).join(', ')}`)
  }
  if (first !== undefined) return first
  if (name === undefined)
    throw new InputError(`no ${wanted} is given: use -f FILE, or name one in the cluster`)
  // No object of the cluster may have such a name, for revisions are named by their profile.
  if (/\.(ya?ml|json)$/.test(name)) throw new InputError(`${name}: give a file as -f ${name}`)
  const document = await clusterDocument(referenceOf(name, kinds), options)
  if (isOfKind(kinds)(document)) return document
  throw new InputError(`${name} is not a ${wanted}`)
}
