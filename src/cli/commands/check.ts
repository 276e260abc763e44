import { Command } from 'commander'
import type { Plan } from '../../api/plan.ts'
import { findingsData } from '../answers/findings-data.ts'
import { gatherHosts, gatherSubject, givenDocuments } from '../input/gather-inputs.ts'
import { addHostOptions, fileOption } from '../input/input-options.ts'
import type { Given, OfKind } from '../input/gather-inputs.ts'
import type { InputOptions } from '../input/input-options.ts'
import { revisionNotes } from '../input/revision-notes.ts'
import { InputError } from '../input/input-error.ts'
import { notCompiledText } from '../output/not-compiled-text.ts'
import { hostCpu, namedClasses } from '../input/named-class.ts'
import type { NamedClass } from '../input/named-class.ts'
import { outputOption } from '../output/output-format.ts'
import { printNotes, printOutput } from '../output/print-output.ts'
import type { OutputFormat } from '../output/output-format.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'
import { checkPlan } from '../answers/check-report.ts'
import type { CheckReport } from '../answers/check-report.ts'
import { checkTable } from '../output/check-table.ts'
import { compileGiven } from './compile.ts'

type Planned =
  | { readonly plan: Plan; readonly classes: readonly NamedClass[]; readonly notes: readonly string[] }
  | { readonly plan?: undefined; readonly why: string }

const ofRevision = async (given: Given, { name, plan }: OfKind<'revision'>): Promise<Planned> => {
  const { hosts, notes } = await gatherHosts(given)
  return { plan, classes: namedClasses(hosts), notes: [...revisionNotes(name, plan), ...notes] }
}

const ofProfile = async (given: Given, profile: OfKind<'profile'>): Promise<Planned> => {
  const { result, classes, notes } = await compileGiven(given, profile, true)
  if (result.kind === 'compiled') return { plan: result.plan, classes, notes: [...notes, ...result.notes] }
  const why = `${profile.source}: ${notCompiledText(result, classes)}`
  if (result.kind === 'not-accepted') throw new InputError(why)
  return { why }
}

/** The report as data, for programs. */
const reportData = ({ verdicts, pairs }: CheckReport): unknown => ({
  compatible: verdicts.every((one) => one.verdict === 'compatible'),
  classes: verdicts.map((one) => ({
    class: one.class.class,
    hosts: one.class.names,
    cpu: hostCpu(one.class.host),
    kernel: one.class.host.kernel.release,
    verdict: one.verdict,
    basis: one.basis,
    findings: findingsData(one.findings),
    tolerated: one.tolerated,
  })),
  reach: pairs.map(({ from, to, reach, findings }) => ({
    from: from.class,
    to: to.class,
    reach,
    findings: findingsData(findings),
  })),
})

type CheckOptions = InputOptions & { readonly output: OutputFormat }

const check = async (name: string | undefined, options: CheckOptions): Promise<number> => {
  const given = await givenDocuments(options)
  const subject = await gatherSubject(given, ['profile', 'revision'], name)
  const planned = await (subject.kind === 'revision' ? ofRevision(given, subject) : ofProfile(given, subject))
  if (planned.plan === undefined) {
    process.stderr.write(`cpufeatures check: ${planned.why}\n`)
    return EXIT.no
  }
  const report = checkPlan(planned.plan, planned.classes)
  printOutput(options.output, reportData(report), (wide) => checkTable(report, wide))
  printNotes(planned.notes)
  return report.verdicts.every((one) => one.verdict === 'compatible') ? EXIT.yes : EXIT.no
}

/** `cpufeatures check`: judges a profile or revision against hosts. */
export const checkCommand = (): Command =>
  addVerbHelp(
    addHostOptions(
      new Command('check')
        .summary('show which hosts fit a profile, and why the others do not')
        .description(
          'Says whether hosts fit a profile or a revision. The verb groups the hosts into host classes: all ' +
            'hosts of a class are interchangeable. For each class, it prints a verdict with reasons. For the ' +
            'classes that fit, it also prints the reach: which of these classes VMs can move between. If it gets a ' +
            'profile, it first compiles the profile, as `cpufeatures compile` does.',
        )
        .argument('[name]', 'a CpuFeatureProfile in the cluster, or revision/NAME, if -f is not given')
        .addOption(fileOption('the CpuFeatureProfile or CpuFeatureProfileRevision')),
    ).addOption(outputOption('table')),
    {
      notes: [
        'A verdict is compatible, incompatible or unproven. Unproven means that no known fact speaks against ' +
          'the plan, but the hosts may still not fit. Either the host document lacks a decisive fact, or nobody ' +
          "has tried the plan's values on such a host. The values are untried if cpufeatures import made " +
          'the document, or a probe with --no-trials.',
      ],
      examples: [
        ['cpufeatures check -f profile.yaml --hosts reports/'],
        ['cpufeatures check -f revision.yaml --hosts new-node.json -o wide'],
        ['cpufeatures check fleet', 'both the profile and the nodes are in the cluster'],
        ['cpufeatures check revision/fleet-0123456789 --hosts new-node.json'],
        ['cpufeatures check fleet --hosts node/worker-1', 'one node in the cluster'],
      ],
      exitCodes:
        '0 all hosts fit; 1 some hosts do not fit, the verdict of some hosts is unproven, or the hosts have ' +
        'no plan in common; 2 wrong usage or input.',
    },
  ).action((name: string | undefined, options: CheckOptions) =>
    verbAction('check', () => check(name, options)),
  )
