import { Command } from 'commander'
import { clusterClient, type ClusterOptions } from '../input/cluster-client.ts'
import { addClusterOptions } from '../input/input-options.ts'
import { outputOption, type OutputFormat } from '../output/output-format.ts'
import { printOutput } from '../output/print-output.ts'
import { vmsTable } from '../output/vms-table.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'
import { readVmFacts, type VmSelection } from '../vms/vm-facts.ts'
import { vmRows } from '../vms/vm-report.ts'

type VmsOptions = ClusterOptions & VmSelection & { readonly output: OutputFormat }

const vms = async (options: VmsOptions): Promise<number> => {
  const client = await clusterClient(options)
  const rows = vmRows(await readVmFacts(client, options))
  client.close()
  printOutput(options.output, rows, (wide) => vmsTable(rows, wide))
  return rows.some(({ otherNodes }) => otherNodes === 0) ? EXIT.no : EXIT.yes
}

/** `cpufeatures vms`: the VM pods of a cluster, and where each could go. */
export const vmsCommand = (): Command =>
  addVerbHelp(
    addClusterOptions(
      new Command('vms')
        .summary('list the VM pods that name a profile, and say where each could move')
        .description(
          'Lists each pod that names a profile and has not finished: its profile, its node, and whether its VM shows the profile. ' +
            'Also says how many other nodes could take the VM in a live migration, or why none can.',
        )
        .option('--node <node>', 'only the VMs on this node, for example before you drain it')
        .option('-n, --namespace <namespace>', 'only the VMs in this namespace'),
    ).addOption(outputOption('table')),
    {
      notes: [
        'The verb asks only whether the other node can show the VM its CPU. It does not look at free memory, taints or cordons: the ' +
          'scheduler decides about those.',
        'If a profile was edited, its running VMs keep their old revision. The verb judges each VM by the revision that it has.',
      ],
      examples: [
        ['kubectl cpufeatures vms'],
        ['kubectl cpufeatures vms --node worker-1', 'before you drain worker-1'],
        ['kubectl cpufeatures vms -o json', 'for scripts'],
      ],
      exitCodes:
        '0 each VM on a node has another node to go to; 1 some have none, or the cluster does not answer; 2 wrong usage.',
    },
  ).action((options: VmsOptions) => verbAction('vms', () => vms(options)))
