import { Option } from 'commander'
import type { Command } from 'commander'
import type { ClusterOptions } from './cluster-client.ts'

/** The options that all verbs have which read files or the cluster. */
export type InputOptions = ClusterOptions & {
  readonly file?: readonly string[]
  readonly hosts?: readonly string[]
}

/** Collects the values of an option that may be repeated. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]

/** -f FILE, which may be repeated. */
export const fileOption = (what: string): Option =>
  new Option('-f, --file <file>', `${what}; may be repeated; - is standard input`).argParser(collect)

const HOSTS = 'host documents or NodeCpuFeatures: files, folders of files, or node/NAME in the cluster'

/** --hosts; `more` is added to its help. */
export const hostsOption = (more: string): Option => new Option('--hosts <host...>', `${HOSTS}${more}`)

/** Adds the options that name a cluster. */
export const addClusterOptions = (command: Command): Command =>
  command
    .option('--kubeconfig <file>', 'the kubeconfig of the cluster; default: KUBECONFIG or ~/.kube/config')
    .option('--context <name>', 'the context in the kubeconfig')

/** Adds --hosts, and the options that name the cluster to use without it. */
export const addHostOptions = (command: Command): Command =>
  addClusterOptions(command.addOption(hostsOption('; default: all nodes of the cluster')))
