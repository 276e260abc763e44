import { InvalidArgumentError, Option } from 'commander'
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
  new Option(
    '-f, --file <file>',
    `a file with ${what}, or - for standard input. You can give this option several times`,
  ).argParser(collect)

const HOSTS =
  'host documents or NodeCpuFeatures objects. Each is a file, a folder of files, or node/NAME in the ' +
  'cluster'

/** --hosts; `more` is added to its help. */
export const hostsOption = (more: string): Option => new Option('--hosts <host...>', `${HOSTS}${more}`)

const seconds = (text: string): number => {
  if (!/^[1-9][0-9]{0,5}$/.test(text))
    throw new InvalidArgumentError('give a number of seconds, such as 300.')
  return Number(text)
}

/** --timeout SECONDS. */
export const timeoutOption = (what: string, standard: number): Option =>
  new Option('--timeout <seconds>', what).argParser(seconds).default(standard)

/** Adds the options that name a cluster. */
export const addClusterOptions = (command: Command): Command =>
  command
    .option(
      '--kubeconfig <file>',
      'the kubeconfig file of the cluster; default: the variable KUBECONFIG, or else ~/.kube/config',
    )
    .option('--context <name>', 'the context to use from the kubeconfig file')

/** Adds --hosts, and the options that name the cluster to use without it. */
export const addHostOptions = (command: Command): Command =>
  addClusterOptions(command.addOption(hostsOption('. Default: all nodes of the cluster')))
