import { Command, Option } from 'commander'
import { cpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import { baselineReport } from '../answers/baseline-report.ts'
import type { BaselineReport } from '../answers/baseline-report.ts'
import { findingsData } from '../answers/findings-data.ts'
import { gatherHosts, givenDocuments } from '../input/gather-inputs.ts'
import type { Given } from '../input/gather-inputs.ts'
import { addHostOptions, collect } from '../input/input-options.ts'
import type { InputOptions } from '../input/input-options.ts'
import { namedClasses } from '../input/named-class.ts'
import type { NamedClass } from '../input/named-class.ts'
import { outputOption } from '../output/output-format.ts'
import type { OutputFormat } from '../output/output-format.ts'
import { printLines } from '../output/print-lines.ts'
import { printNotes, structured } from '../output/print-output.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'
import { baselineLines } from '../output/baseline-table.ts'

type BaselineOptions = InputOptions & {
  readonly output: OutputFormat
  readonly midr: boolean
  readonly inert: 'Accept' | 'Refuse'
  readonly tolerate?: readonly string[]
  readonly surplus: boolean
}

const specOf = ({ midr, inert, tolerate, surplus }: BaselineOptions): CpuFeatureProfileSpec =>
  cpuFeatureProfileSpec.parse({
    base: { nodes: {} },
    ...(midr && { implementation: { midr: 'FromBaseline' } }),
    tolerate: {
      inert,
      ...(tolerate && { features: tolerate }),
      ...(surplus && { surplus: 'AcceptOneWay' }),
    },
  })

const namesOf = (classes: readonly NamedClass[]): readonly string[] => classes.flatMap(({ names }) => names)

const dataOf = (report: BaselineReport): unknown => {
  if (report.kind === 'nothing-in-common') {
    const { classes, message, findings, subsets } = report
    return {
      common: false,
      classes: Object.fromEntries(classes.map((one) => [one.class, one.names])),
      message,
      findings: findingsData(findings),
      largestSubsets: subsets.map(namesOf),
    }
  }
  const { view, members, leftOut, lowered, tolerated, pairs, notes } = report
  return {
    common: true,
    view,
    members: namesOf(members),
    leftOut: namesOf(leftOut),
    lowered: lowered.map(({ classes, ...said }) => ({ ...said, hosts: namesOf(classes) })),
    tolerated,
    reach: pairs.map(({ from, to, reach, findings }) => ({
      from: namesOf([from])[0],
      to: namesOf([to])[0],
      reach,
      findings: findingsData(findings),
    })),
    notes,
  }
}

const print = (report: BaselineReport, output: OutputFormat): void => {
  if (output === 'json') process.stdout.write(structured(dataOf(report), 'json'))
  else if (output === 'yaml' && report.kind === 'common')
    process.stdout.write(structured({ view: report.view }, 'yaml'))
  else if (output === 'yaml') process.stderr.write(`${baselineLines(report, false).join('\n')}\n`)
  else printLines(baselineLines(report, output === 'wide'))
}

const notUsed = ({ documents }: Given): readonly string[] =>
  documents
    .filter(({ kind }) => kind !== 'host' && kind !== 'unprobed')
    .map(({ kind, name, source }) => `${source}: the ${kind} ${name} is not a host, and is passed over`)

const baseline = async (options: BaselineOptions): Promise<number> => {
  const given = await givenDocuments(options)
  const { hosts, notes } = await gatherHosts(given)
  const report = baselineReport(specOf(options), namedClasses(hosts))
  print(report, options.output)
  printNotes([
    ...notUsed(given),
    ...notes,
    ...(report.kind === 'common' && options.output !== 'json' ? report.notes : []),
  ])
  return report.kind === 'common' && report.leftOut.length === 0 ? EXIT.yes : EXIT.no
}

const withTolerance = (command: Command): Command =>
  command
    .option(
      '--midr',
      'also level MIDR_EL1: all guests see the lowest MIDR_EL1 of the hosts in the baseline. This needs ' +
        'Linux 6.15 or newer',
      false,
    )
    .addOption(
      new Option(
        '--inert <what>',
        'whether hosts may differ in fields that a guest without EL2 cannot act on',
      )
        .choices(['Accept', 'Refuse'])
        .default('Accept'),
    )
    .addOption(
      new Option(
        '--tolerate <FEAT>',
        'a feature (FEAT_ name) in which hosts may differ; may be repeated',
      ).argParser(collect),
    )
    .option(
      '--surplus',
      'accept hosts that show more than the baseline promises. VMs can then move to these hosts, but not ' +
        'back',
      false,
    )

/** `cpufeatures baseline`: finds the greatest view that hosts have in common. */
export const baselineCommand = (): Command =>
  addVerbHelp(
    withTolerance(
      addHostOptions(
        new Command('baseline')
          .summary('find the most that several hosts can all show guests')
          .description(
            'Finds, field by field, the most that KVM on all given hosts can show guests: the greatest common ' +
              'guest view. Prints which fields this view lowers on each host, which differences it tolerates, and ' +
              'between which hosts VMs can move. If there is no common view, the verb prints the fields that ' +
              'prevent it, and what each host shows in them. It then also prints the largest sets of hosts that do ' +
              'have a common view.',
          ),
      ),
    ).addOption(outputOption('table')),
    {
      notes: [
        'With -o yaml, the verb prints only the view. You can copy it into a profile, under base.view. If you ' +
          'give --midr, the profile also needs implementation: {midr: FromBaseline}.',
      ],
      examples: [
        ['cpufeatures baseline --hosts reports/'],
        ['cpufeatures baseline --hosts n1.json v1.json --midr --tolerate FEAT_IDST'],
        ['cpufeatures baseline --hosts reports/ -o yaml > view.yaml'],
        ['cpufeatures baseline --midr', 'the baseline of the nodes in the cluster'],
      ],
      exitCodes:
        '0 all hosts have a common view; 1 the view leaves some hosts out, or there is no common view; 2 ' +
        'wrong usage or input.',
    },
  ).action((options: BaselineOptions) => verbAction('baseline', () => baseline(options)))
