import { Option } from 'commander'
import type { Command } from 'commander'
import type { ClusterOptions } from './cluster-documents.ts'

/** What the verbs that read files or the cluster have in common. */
export type InputOptions = ClusterOptions & {
  readonly file?: readonly string[]
  readonly hosts?: readonly string[]
}

/** For an option that is given again for each further value. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]

/** -f FILE, repeated. */
export const fileOption = (what: string): Option =>
  new Option('-f, --file <file>', `${what}; repeat it for more, - is standard input`).argParser(collect)

const HOSTS = 'host documents or NodeCpuFeatures: files, folders of them, or node/NAME of the cluster'

/** --hosts; `otherwise` says what is taken where it is not given. */
export const hostsOption = (otherwise: string): Option =>
  new Option('--hosts <host...>', `${HOSTS}${otherwise}`)

/** Adds the options that name a cluster. */
export const addClusterOptions = (command: Command): Command =>
  command
    .option('--kubeconfig <file>', 'the cluster; KUBECONFIG or ~/.kube/config if not given')
    .option('--context <name>', 'the context of the kubeconfig')

/** Adds --hosts and the options that name a cluster, for when no file is given. */
export const addHostOptions = (command: Command): Command =>
  addClusterOptions(command.addOption(hostsOption('; all its nodes if not given')))
