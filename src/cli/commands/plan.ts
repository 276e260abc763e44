import { Command } from 'commander'
import { PROFILE_LABEL } from '../../api/names.ts'
import { PROFILES } from '../../api/resources.ts'
import { getIfThere } from '../../kube/get-if-there.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import { revisionName } from '../../plan/revision-name.ts'
import { changeReport, type Change } from '../change/change-report.ts'
import { clusterClient } from '../input/cluster-client.ts'
import { gatherSubject, givenDocuments, type OfKind } from '../input/gather-inputs.ts'
import { InputError } from '../input/input-error.ts'
import { addClusterOptions, collect, fileOption, type InputOptions } from '../input/input-options.ts'
import { changeTable } from '../output/change-table.ts'
import { notCompiledText } from '../output/not-compiled-text.ts'
import { outputOption, type OutputFormat } from '../output/output-format.ts'
import { printOutput } from '../output/print-output.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'
import { readVmFacts } from '../vms/vm-facts.ts'
import { compileGiven } from './compile.ts'

/** For the question about the profile itself. */
const DEADLINE_MS = 30_000

type PlanOptions = InputOptions & { readonly drain?: readonly string[]; readonly output: OutputFormat }

type Profile = OfKind<'profile'>
type Facts = Change['facts']

/** The facts of the VMs of one profile, whose next spec says whether they may move without a way back. */
const factsOf = ({ name, spec }: Profile, facts: Facts): Facts => {
  const oneWayProfiles = new Set(facts.oneWayProfiles)
  oneWayProfiles.delete(name)
  if (spec.tolerate?.surplus === 'AcceptOneWay') oneWayProfiles.add(name)
  const pods = facts.pods.filter(({ metadata }) => metadata.labels?.[PROFILE_LABEL] === name)
  return { ...facts, pods, oneWayProfiles }
}

/** What the profile would compile to in this cluster, with the baseline that is kept there. */
const planned = async (
  client: KubeClient,
  options: PlanOptions,
  profile: Profile,
): Promise<Omit<Change, 'drained'>> => {
  const facts = await readVmFacts(client, {})
  const stored = await getIfThere(client, PROFILES, { name: profile.name }, AbortSignal.timeout(DEADLINE_MS))
  const { currentRevision: revision = '', baseline } = stored?.status ?? {}
  const current = facts.plans.get(revision)
  const kept = { ...profile, ...(baseline !== undefined && { baseline }) }
  const { result, classes } = await compileGiven({ documents: [], options }, kept, true)
  return {
    profile: profile.name,
    ...(current !== undefined && { before: { revision, plan: current } }),
    ...(result.kind === 'compiled'
      ? { after: { revision: revisionName(profile.name, result.plan), plan: result.plan } }
      : { why: notCompiledText(result, classes) }),
    facts: factsOf(profile, facts),
  }
}

/** The change that the options ask for, but for the drain. */
const changeOf = async (
  client: KubeClient,
  options: PlanOptions,
  name: string | undefined,
): Promise<Omit<Change, 'drained'>> => {
  if (name !== undefined || options.file !== undefined)
    return planned(client, options, await gatherSubject(await givenDocuments(options), ['profile'], name))
  return { facts: await readVmFacts(client, {}) }
}

const drainedNodes = (drain: readonly string[], { classes }: Facts): ReadonlySet<string> => {
  const unknown = drain.filter((node) => !classes.some(({ nodes }) => nodes.includes(node)))
  if (unknown.length > 0)
    throw new InputError(`--drain ${unknown.join(', ')}: no node of this name has a report`)
  return new Set(drain)
}

const plan = async (name: string | undefined, options: PlanOptions): Promise<number> => {
  if (name === undefined && options.file === undefined && options.drain === undefined)
    throw new InputError('give an edited profile (-f FILE), the name of a profile, or --drain NODE')
  const client = await clusterClient(options)
  const change = await changeOf(client, options, name)
  client.close()
  const report = changeReport({ ...change, drained: drainedNodes(options.drain ?? [], change.facts) })
  printOutput(options.output, report, (wide) => changeTable(report, wide))
  const fits = report.profile === undefined || (report.after?.nodes ?? 0) > 0
  return fits && report.vms.stranded.length === 0 ? EXIT.yes : EXIT.no
}

/** `cpufeatures plan`: what a change would do to a cluster. */
export const planCommand = (): Command =>
  addVerbHelp(
    addClusterOptions(
      new Command('plan')
        .summary('say what an edit of a profile, or a drain, would do to this cluster')
        .description(
          'Compiles the profile against the nodes of the cluster as the controller would, and changes nothing. Says which nodes ' +
            'would fit, what the controller would write, and which running VMs would have no other node to go to. With --drain, it ' +
            'assumes that the VMs of the nodes that you name must leave, and that no VM can move there.',
        )
        .argument('[profile]', 'a CpuFeatureProfile in the cluster, if -f is not given')
        .addOption(fileOption('the edited CpuFeatureProfile'))
        .option('--drain <node>', 'a node to drain; you can give this option several times', collect),
    ).addOption(outputOption('table')),
    {
      notes: ['Running VMs keep their revision. Only new VM pods get the next one.'],
      examples: [
        ['kubectl cpufeatures plan -f profile.yaml', 'before you apply the edited profile'],
        ['kubectl cpufeatures plan --drain worker-1 --drain worker-2', 'can all their VMs move elsewhere?'],
      ],
      exitCodes:
        '0 the profile would fit at least one node, and each VM would have another node to go to; 1 otherwise, or the cluster does ' +
        'not answer; 2 wrong usage or input.',
    },
  ).action((name: string | undefined, options: PlanOptions) => verbAction('plan', () => plan(name, options)))
