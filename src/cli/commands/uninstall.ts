import { Command } from 'commander'
import { systemClock } from '../../runtime/clock.ts'
import { clusterClient, type ClusterOptions } from '../input/cluster-client.ts'
import { addClusterOptions, timeoutOption } from '../input/input-options.ts'
import { outputOption, type OutputFormat } from '../output/output-format.ts'
import { printOutput } from '../output/print-output.ts'
import { uninstallTable } from '../output/uninstall-table.ts'
import { Uninstaller } from '../uninstall/uninstaller.ts'
import { uninstallExit } from '../uninstall/uninstall-exit.ts'
import { verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'

type UninstallOptions = ClusterOptions & {
  readonly output: OutputFormat
  readonly force: boolean
  readonly dryRun: boolean
  readonly timeout: number
}

const DEFAULT_TIMEOUT_SECONDS = 600

const uninstall = async (options: UninstallOptions): Promise<number> => {
  const { force, dryRun, timeout, output } = options
  const client = await clusterClient(options)
  const say = (line: string) => {
    process.stderr.write(`${line}\n`)
  }
  say(`cluster ${client.server}`)
  const parts = { client, clock: systemClock, dryRun, timeoutSeconds: timeout, say }
  const report = await new Uninstaller(parts, force).run()
  client.close()
  printOutput(output, report, (wide) => uninstallTable(report, wide))
  return uninstallExit(report, force)
}

const withOptions = (command: Command): Command =>
  command
    .option('--dry-run', 'change nothing, and print what would be removed', false)
    .option('--force', 'go on while pods need cpufeatures, and leave only what they need', false)
    .addOption(timeoutOption('how long to wait in all until everything is gone', DEFAULT_TIMEOUT_SECONDS))

/** `cpufeatures uninstall`: takes cpufeatures out of a cluster. */
export const uninstallCommand = (): Command =>
  addVerbHelp(
    withOptions(
      addClusterOptions(
        new Command('uninstall')
          .summary('remove cpufeatures from a cluster')
          .description(
            'Removes everything that deploy/ installs, in whatever namespace. If pods still need cpufeatures, it lists them ' +
              'with the reasons and changes nothing. Otherwise it deletes the profiles and waits until the controller has ' +
              'deleted their revisions. Then it deletes what runs, the policies, the rights and the CRDs, the labels of nodes, ' +
              'and last the namespace.',
          ),
      ),
    ).addOption(outputOption('table')),
    {
      notes: [
        'These pods need cpufeatures, unless they have finished: pods with one of our seccomp profiles, pods that are pinned to a ' +
          'revision, and pods at our scheduling gate. A container with such a seccomp profile starts only while the holder runs. A VM ' +
          'in it is launched only while the node-agent runs too.',
        'With --force, the DaemonSet cpufeatures-holder stays with its service account, its namespace, and the policies that keep ' +
          'others from using our seccomp profiles. Running VMs keep running, and can reboot. A VM that starts in one of ' +
          'the pods that need cpufeatures waits forever, because no node-agent answers its calls. Run the command again when all ' +
          'pods that need cpufeatures have ended.',
        'The command first turns break-glass on, so that no new pod comes to need cpufeatures. Then it looks at the pods again. ' +
          'If something interrupts the command, run it again: it continues where it was. If a part of cpufeatures is missing ' +
          'and pods need it, the command turns break-glass on and changes nothing else.',
        'A namespace in which others have something stays, and so do labels of nodes that pods require. The folder ' +
          '/var/lib/cpufeatures stays on each node.',
      ],
      examples: [
        ['kubectl cpufeatures uninstall --dry-run', 'what would be removed, or which pods prevent it'],
        ['kubectl cpufeatures uninstall'],
        ['kubectl cpufeatures uninstall -o json', 'for scripts: outcome, pods, removed, stays'],
        ['kubectl cpufeatures uninstall --force', 'although pods need it'],
      ],
      exitCodes:
        '0 everything is gone, or with --force everything but what pods need; 1 it could not finish, and the message names ' +
        'what is left and why, or somebody created pods meanwhile that need cpufeatures; 2 wrong usage; 3 pods need cpufeatures, and ' +
        'nothing was deleted.',
    },
  ).action((options: UninstallOptions) => verbAction('uninstall', () => uninstall(options)))
