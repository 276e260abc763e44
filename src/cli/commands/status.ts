import { Command } from 'commander'
import { systemClock } from '../../runtime/clock.ts'
import { stopSignal } from '../../runtime/stop-signal.ts'
import { clusterClient, type ClusterOptions } from '../input/cluster-client.ts'
import { addClusterOptions, timeoutOption } from '../input/input-options.ts'
import { outputOption, type OutputFormat } from '../output/output-format.ts'
import { printOutput } from '../output/print-output.ts'
import { statusTable } from '../output/status-table.ts'
import { awaitStatus } from '../status/await-status.ts'
import { readClusterFacts } from '../status/cluster-facts.ts'
import { clusterStatus } from '../status/cluster-status.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'

type StatusOptions = ClusterOptions & {
  readonly output: OutputFormat
  readonly wait: boolean
  readonly timeout: number
}

const DEFAULT_TIMEOUT_SECONDS = 300

const status = async (options: StatusOptions): Promise<number> => {
  const client = await clusterClient(options)
  const { signal } = stopSignal()
  const look = async () => clusterStatus(await readClusterFacts(client, signal))
  const found = options.wait
    ? await awaitStatus(look, {
        ...{ clock: systemClock, timeoutSeconds: options.timeout },
        say: (line) => {
          process.stderr.write(`${line}\n`)
        },
      })
    : await look()
  client.close()
  printOutput(options.output, found, (wide) => statusTable(found, wide))
  return found.problems.length === 0 ? EXIT.yes : EXIT.no
}

/** `cpufeatures status`: how cpufeatures stands in a cluster, on one screen. */
export const statusCommand = (): Command =>
  addVerbHelp(
    addClusterOptions(
      new Command('status')
        .summary('say whether cpufeatures works in a cluster, and what to do if not')
        .description(
          'Looks at the controller and its leader, the node-agents and holders, the CRDs and policies, the reports of the nodes, ' +
            'the profiles, and the pods that name a profile. Prints a summary, and then each problem with its remedy.',
        )
        .option('--wait', 'wait until no problem is left', false)
        .addOption(timeoutOption('with --wait, how long to wait at most', DEFAULT_TIMEOUT_SECONDS)),
    ).addOption(outputOption('table')),
    {
      notes: [
        'It only reads. Your user needs the right to list nodes, pods, leases and ConfigMaps in all namespaces, and to read the ' +
          'objects of cpufeatures.',
      ],
      examples: [
        ['kubectl cpufeatures status'],
        ['kubectl cpufeatures status --wait', 'after an installation or an upgrade'],
        ['kubectl cpufeatures status -o json', 'for scripts: problems, components, nodes, profiles, pods'],
      ],
      exitCodes:
        '0 no problem was found; 1 there are problems, or the cluster does not answer; 2 wrong usage.',
    },
  ).action((options: StatusOptions) => verbAction('status', () => status(options)))
