import { Command, Option } from 'commander'
import { toFirecrackerTemplate } from '../answers/firecracker-template.ts'
import { gatherSubject, givenDocuments } from '../input/gather-inputs.ts'
import { knownPlan } from '../input/known-plan.ts'
import { addClusterOptions, fileOption } from '../input/input-options.ts'
import { revisionNotes } from '../input/revision-notes.ts'
import type { InputOptions } from '../input/input-options.ts'
import { printNotes, structured } from '../output/print-output.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'

const exportRevision = async (name: string | undefined, options: InputOptions): Promise<number> => {
  const { plan, source, name: of } = await gatherSubject(await givenDocuments(options), ['revision'], name)
  const { template, notes } = toFirecrackerTemplate(knownPlan(plan, source))
  process.stdout.write(structured(template, 'json'))
  printNotes([...revisionNotes(of, plan), ...notes])
  return EXIT.yes
}

/** `cpufeatures export`: prints a revision in another VMM's format. */
export const exportCommand = (): Command =>
  addVerbHelp(
    addClusterOptions(
      new Command('export')
        .summary('print a revision as a CPU template for a VMM')
        .description(
          'Prints a revision as a custom CPU template for Firecracker. Standard error lists the parts of the ' +
            'revision that a template cannot express.',
        )
        .argument('[revision]', 'a CpuFeatureProfileRevision in the cluster, if -f is not given')
        .addOption(fileOption('the CpuFeatureProfileRevision'))
        .addOption(
          new Option('--format <format>', 'the format of the template')
            .choices(['firecracker'])
            .makeOptionMandatory(),
        ),
    ),
    {
      examples: [
        ['cpufeatures export --format firecracker -f revision.yaml > template.json'],
        ['cpufeatures export --format firecracker fleet-0123456789', 'a revision in the cluster'],
      ],
      exitCodes: '0 the template was printed; 2 wrong usage or input.',
    },
  ).action((name: string | undefined, options: InputOptions) =>
    verbAction('export', () => exportRevision(name, options)),
  )
