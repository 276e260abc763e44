import { Option } from 'commander'
import type { Command } from 'commander'
import type { CpuFeatureProfileSpec } from '../api/cpu-feature-profile.ts'
import { clusterDocument, clusterHosts } from './cluster-documents.ts'
import type { ClusterKind, ClusterOptions } from './cluster-documents.ts'
import { InputError } from './input-error.ts'
import { hostsIn } from './named-class.ts'
import type { NamedHost } from './named-class.ts'
import type { InputDocument } from './parse-document.ts'
import { readDocuments } from './read-documents.ts'

/** What the verbs that read files or the cluster have in common. */
export type InputOptions = ClusterOptions & {
  readonly file?: readonly string[]
  readonly hosts?: readonly string[]
}

/** The documents of one call: those of the files that were named. */
export type Given = { readonly documents: readonly InputDocument[]; readonly options: InputOptions }

/** The hosts a verb is about, and how many selected nodes have not reported. */
export type GatheredHosts = {
  readonly hosts: readonly NamedHost[]
  readonly unreported: number
  readonly notes: readonly string[]
}

/** For an option that is given again for each further value. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]

/** -f FILE, repeated. */
export const fileOption = (what: string): Option =>
  new Option('-f, --file <file>', `${what}; repeat it for more, - is standard input`).argParser(collect)

/** Adds --hosts and the options that name a cluster, for when no file is given. */
export const addHostOptions = (command: Command): Command =>
  addClusterOptions(
    command.option(
      '--hosts <path...>',
      'host documents or NodeCpuFeatures, JSON or YAML: files, or folders of them; the nodes of the cluster if not given',
    ),
  )

/** Adds the options that name a cluster. */
export const addClusterOptions = (command: Command): Command =>
  command
    .option('--kubeconfig <file>', 'the cluster; KUBECONFIG or ~/.kube/config if not given')
    .option('--context <name>', 'the context of the kubeconfig')

/** Reads the files that were named. */
export const givenFiles = (options: InputOptions): Given => ({
  documents: [...readDocuments(options.file ?? []), ...readDocuments(options.hosts ?? [])],
  options,
})

const notRead = (documents: readonly InputDocument[]): readonly string[] =>
  documents.flatMap((document) =>
    document.kind === 'unprobed' ? [`node ${document.name} has no host document: ${document.why}`] : [],
  )

const ofFiles = (documents: readonly InputDocument[]): GatheredHosts => ({
  hosts: hostsIn(documents),
  unreported: 0,
  notes: notRead(documents),
})

const ofCluster = async (options: InputOptions, spec?: CpuFeatureProfileSpec): Promise<GatheredHosts> => {
  const { documents, selected } = await clusterHosts(options, spec)
  const hosts = hostsIn(documents).map((one) => ({ ...one, selected: selected?.has(one.name) ?? true }))
  const reported = hosts.filter((one) => one.selected).length
  return { hosts, unreported: (selected?.size ?? reported) - reported, notes: notRead(documents) }
}

/** The hosts: of the files, or where no file has any, the cluster's. Throws InputError where there are none at all. */
export const gatherHosts = async (
  { documents, options }: Given,
  spec?: CpuFeatureProfileSpec,
): Promise<GatheredHosts> => {
  const inFiles = ofFiles(documents)
  if (inFiles.hosts.length > 0) return inFiles
  if (options.hosts !== undefined) {
    throw new InputError(
      `--hosts ${options.hosts.join(' ')}: no host document in it${inFiles.notes.map((note) => `; ${note}`).join('')}`,
    )
  }
  const gathered = await ofCluster(options, spec)
  if (gathered.hosts.length === 0)
    throw new InputError(['the cluster has no node with a report', ...gathered.notes].join('\n  '))
  return gathered
}

/** The documents of some kinds. */
export type OfKind<K extends InputDocument['kind']> = Extract<InputDocument, { readonly kind: K }>

const isOfKind =
  <K extends InputDocument['kind']>(kinds: readonly K[]) =>
  (document: InputDocument): document is OfKind<K> =>
    kinds.some((kind) => kind === document.kind)

const described = ({ kind, name, source }: InputDocument): string => `${kind} ${name} (${source})`

/** The one document of the kinds in the files; with a NAME on the command line the cluster's. Throws InputError otherwise. */
export const gatherSubject = async <K extends ClusterKind & InputDocument['kind']>(
  { documents, options }: Given,
  kinds: readonly K[],
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
    throw new InputError(`there is no ${wanted}: give -f FILE, or the name of one in the cluster`)
  const [kind, plainName] = kindAndName(name, kinds)
  const document = await clusterDocument(kind, plainName, options)
  if (isOfKind(kinds)(document)) return document
  throw new InputError(`${name} is a ${document.kind}, no ${wanted}`)
}

/** `revision/fleet-0123456789` names its kind; a bare name is of the first. */
const kindAndName = <K extends ClusterKind>(name: string, kinds: readonly K[]): readonly [K, string] => {
  const kind = kinds.find((one) => name.startsWith(`${one}/`))
  if (kind !== undefined) return [kind, name.slice(kind.length + 1)]
  const [first] = kinds
  if (first === undefined) throw new InputError(`${name}: nothing can be named here`)
  return [first, name]
}
