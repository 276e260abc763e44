import { Command } from 'commander'
import type { Plan } from '../../api/plan.ts'
import { findingsData } from '../answers/findings-data.ts'
import { gatherHosts, gatherSubject, givenDocuments } from '../input/gather-inputs.ts'
import { addHostOptions, fileOption } from '../input/input-options.ts'
import type { Given, OfKind } from '../input/gather-inputs.ts'
import type { InputOptions } from '../input/input-options.ts'
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

const ofRevision = async (given: Given, { plan }: OfKind<'revision'>): Promise<Planned> => {
  const { hosts, notes } = await gatherHosts(given)
  return { plan, classes: namedClasses(hosts), notes }
}

const ofProfile = async (given: Given, profile: OfKind<'profile'>): Promise<Planned> => {
  const { result, classes, notes } = await compileGiven(given, profile, true)
  if (result.kind === 'compiled') return { plan: result.plan, classes, notes: [...notes, ...result.notes] }
  const why = `${profile.source}: ${notCompiledText(result, classes)}`
  if (result.kind === 'not-accepted') throw new InputError(why)
  return { why }
}

/** The report as data: what programs read. */
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

/** `cpufeatures check`: a profile or revision against hosts. */
export const checkCommand = (): Command =>
  addVerbHelp(
    addHostOptions(
      new Command('check')
        .summary('say which hosts a profile fits, and why the others do not')
        .description(
          'Judges a profile or revision against hosts: the verdict of each host class with every reason, in words, and which of the classes that fit VMs can move between. A profile is compiled first, as by `cpufeatures compile`.',
        )
        .argument('[name]', 'a CpuFeatureProfile of the cluster, or revision/NAME, where -f names no file')
        .addOption(fileOption('the CpuFeatureProfile or CpuFeatureProfileRevision')),
    ).addOption(outputOption('table')),
    {
      notes: [
        'A verdict is compatible, incompatible, or unproven: nothing that is known speaks against it, but nothing was tried on the host (a probe with --no-trials, a dump), so that rules alone say what its KVM takes.',
      ],
      examples: [
        ['cpufeatures check -f profile.yaml --hosts reports/'],
        ['cpufeatures check -f revision.yaml --hosts new-node.json -o wide'],
        ['cpufeatures check fleet', 'the profile and the nodes of the cluster'],
        ['cpufeatures check revision/fleet-0123456789 --hosts new-node.json'],
        ['cpufeatures check fleet --hosts node/worker-1', 'one node of the cluster'],
      ],
      exitCodes:
        '0 all hosts fit; 1 some do not, are unproven, or have no plan in common; 2 wrong usage or input.',
    },
  ).action((name: string | undefined, options: CheckOptions) =>
    verbAction('check', () => check(name, options)),
  )
