import { Command } from 'commander'
import { cpuDifferences } from '../answers/cpu-differences.ts'
import type { CpuDifferences, FieldDifference } from '../answers/cpu-differences.ts'
import type { ClusterOptions } from '../input/cluster-client.ts'
import { documentsNamed } from '../input/documents-named.ts'
import { addClusterOptions } from '../input/input-options.ts'
import { distinctNames } from '../input/distinct-names.ts'
import type { InputDocument } from '../input/parse-document.ts'
import { revisionNotes } from '../input/revision-notes.ts'
import { InputError } from '../input/input-error.ts'
import { outputOption } from '../output/output-format.ts'
import { printNotes, printOutput } from '../output/print-output.ts'
import type { OutputFormat } from '../output/output-format.ts'
import { renderTable } from '../output/render-table.ts'
import { specifiedCpu } from '../answers/specified-cpu.ts'
import type { SpecifiedCpu } from '../answers/specified-cpu.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'

const readOne = async (word: string, options: ClusterOptions): Promise<InputDocument> => {
  const documents = await documentsNamed([word], options)
  const [document] = documents
  if (document === undefined || documents.length > 1)
    throw new InputError(`${word}: expected one document, found ${documents.length}`)
  return document
}

const valueText = (value: string | undefined, name: string | undefined): string => {
  if (value === undefined) return '-'
  return name === undefined ? value : `${value} ${name}`
}

const fieldRow = (one: FieldDifference, wide: boolean): readonly string[] => [
  one.register,
  one.field,
  valueText(one.a, wide ? one.names[0] : undefined),
  valueText(one.b, wide ? one.names[1] : undefined),
  [...one.features, ...one.hwcaps].join(', '),
]

const lines = (found: CpuDifferences, names: readonly [string, string], wide: boolean): readonly string[] => {
  const [a, b] = names
  const fields = renderTable(
    ['REGISTER', 'FIELD', a, b, 'FEATURES'],
    found.fields.map((one) => fieldRow(one, wide)),
  )
  const facts = renderTable(
    ['BESIDES', a, b],
    found.facts.map((one) => [one.fact, one.a ?? '-', one.b ?? '-']),
  )
  return [
    ...(found.fields.length > 0 ? fields : []),
    ...(found.fields.length > 0 && found.facts.length > 0 ? [''] : []),
    ...(found.facts.length > 0 ? facts : []),
  ]
}

type DiffOptions = ClusterOptions & { readonly output: OutputFormat }

const diff = async (wordA: string, wordB: string, options: DiffOptions): Promise<number> => {
  const { output } = options
  const documents = [await readOne(wordA, options), await readOne(wordB, options)] as const
  const names = distinctNames(documents)
  const [a, b] = documents.map((document, index) => ({
    ...specifiedCpu(document),
    name: names[index] ?? document.name,
  })) as [SpecifiedCpu, SpecifiedCpu]
  const found = cpuDifferences(a, b)
  const same = found.fields.length + found.facts.length === 0
  const data = { a: a.name, b: b.name, ...found }
  printOutput(output, data, (wide) => (same ? [] : lines(found, [a.name, b.name], wide)))
  printNotes(documents.flatMap((one) => (one.kind === 'revision' ? revisionNotes(one.name, one.plan) : [])))
  return same ? EXIT.yes : EXIT.no
}

/** `cpufeatures diff`: how two CPUs differ. */
export const diffCommand = (): Command =>
  addVerbHelp(
    addClusterOptions(
      new Command('diff')
        .summary('show how two hosts, views or revisions differ')
        .description(
          'Compares two CPUs field by field. Each CPU is a host (from cpufeatures probe, or a NodeCpuFeatures), ' +
            'a view (from cpufeatures baseline) or a revision (from cpufeatures compile). The verb lists the ' +
            'register fields that differ. For each of these fields, it names the features that only one of the ' +
            'two CPUs has (FEAT_ and HWCAP names). A bit that a revision does not specify does not count as a ' +
            'difference.',
        )
        .argument(
          '<a>',
          'the first CPU: a file with one document, - for standard input, or node/NAME or revision/NAME in the ' +
            'cluster',
        )
        .argument('<b>', 'the second CPU, given in the same way'),
    ).addOption(outputOption('table')),
    {
      examples: [
        ['cpufeatures diff old-node.json new-node.json'],
        ['cpufeatures diff node/worker-1 node/worker-2', 'two nodes in the cluster'],
        ['cpufeatures diff host.json revision.yaml', 'what a launch with this revision changes on this host'],
        ['cpufeatures diff node/worker-1 revision/fleet-0123456789 -o wide'],
      ],
      exitCodes:
        '0 no difference; 1 there are differences, or a document lacks data; 2 wrong usage or input. These ' +
        'are the exit codes of diff(1).',
    },
  ).action((a: string, b: string, options: DiffOptions) => verbAction('diff', () => diff(a, b, options)))
