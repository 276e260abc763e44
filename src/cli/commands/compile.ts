import { Command, Option } from 'commander'
import type { CpuFeatureProfileRevision } from '../../api/cpu-feature-profile-revision.ts'
import { API_GROUP_VERSION } from '../../api/names.ts'
import { ALL_REPORTED } from '../../profile/baseline/unreported-nodes.ts'
import { compileProfile, isTakenFromHosts } from '../../profile/compile-profile.ts'
import type { CompileResult } from '../../profile/compile-result.ts'
import { revisionName } from '../../plan/revision-name.ts'
import { gatherHosts, gatherSubject, givenDocuments } from '../input/gather-inputs.ts'
import { addHostOptions, fileOption } from '../input/input-options.ts'
import type { GatheredHosts, Given, OfKind } from '../input/gather-inputs.ts'
import type { InputOptions } from '../input/input-options.ts'
import { InputError } from '../input/input-error.ts'
import { notCompiledText } from '../output/not-compiled-text.ts'
import { namedClasses } from '../input/named-class.ts'
import type { NamedClass } from '../input/named-class.ts'
import { printNotes, structured } from '../output/print-output.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'

/** A compiled profile, and the hosts it was compiled for. */
export type CompiledProfile = {
  readonly result: CompileResult
  readonly classes: readonly NamedClass[]
  readonly notes: readonly string[]
}

type Profile = OfKind<'profile'>

const NO_HOSTS: GatheredHosts = { hosts: [], unreported: ALL_REPORTED, notes: [] }

/** Compiles a profile. Gathers hosts only if its base needs them or the caller does. */
export const compileGiven = async (
  given: Given,
  profile: Profile,
  hostsNeeded: boolean,
): Promise<CompiledProfile> => {
  const { spec, baseline } = profile
  const needed = hostsNeeded || (isTakenFromHosts(spec) && baseline === undefined)
  const gathered = needed ? await gatherHosts(given, spec) : NO_HOSTS
  const classes = namedClasses(gathered.hosts)
  const result = compileProfile({
    spec,
    hosts: classes,
    unreported: gathered.unreported,
    ...(baseline && { previousBaseline: baseline }),
  })
  return { result, classes, notes: gathered.notes }
}

const revisionOf = (
  name: string,
  { plan }: Extract<CompileResult, { kind: 'compiled' }>,
): CpuFeatureProfileRevision => ({
  apiVersion: API_GROUP_VERSION,
  kind: 'CpuFeatureProfileRevision',
  metadata: { name: revisionName(name, plan) },
  spec: plan,
})

type CompileOptions = InputOptions & { readonly output: 'yaml' | 'json' }

const compile = async (name: string | undefined, options: CompileOptions): Promise<number> => {
  const given = await givenDocuments(options)
  const profile = await gatherSubject(given, ['profile'], name)
  const { result, classes, notes } = await compileGiven(given, profile, false)
  printNotes(notes)
  switch (result.kind) {
    case 'compiled':
      process.stdout.write(structured(revisionOf(profile.name, result), options.output))
      printNotes(result.notes)
      return EXIT.yes
    case 'not-accepted':
      throw new InputError(`${profile.source}: ${result.reason}: ${result.message}`)
    case 'waiting':
    case 'not-compiled':
      process.stderr.write(`cpufeatures compile: ${profile.source}: ${notCompiledText(result, classes)}\n`)
      return EXIT.no
    default:
      return result satisfies never
  }
}

/** `cpufeatures compile`: compiles a profile to a revision. */
export const compileCommand = (): Command =>
  addVerbHelp(
    addHostOptions(
      new Command('compile')
        .summary('compile a profile to a revision')
        .description(
          'Compiles a CpuFeatureProfile to a CpuFeatureProfileRevision, exactly as the controller does. The ' +
            'revision contains the plan: what each vCPU must show. `cpufeatures run --plan` reads a revision. ' +
            'Standard error lists what the compiler did in addition to the entries of the profile.',
        )
        .argument('[profile]', 'a CpuFeatureProfile in the cluster, if -f is not given')
        .addOption(fileOption('the CpuFeatureProfile')),
    ).addOption(
      new Option('-o, --output <format>', 'the output format').choices(['yaml', 'json']).default('yaml'),
    ),
    {
      notes: [
        'If the profile has base nodes or architecture, the verb computes the baseline from all given hosts. ' +
          'For nodes of the cluster, base.nodes.selector decides which of them count. Hosts in files have no ' +
          "node labels, so all of them count. If the profile's status already has a baseline, the verb uses " +
          'this baseline, as the controller does.',
      ],
      examples: [
        ['cpufeatures compile -f profile.yaml --hosts reports/ > revision.yaml'],
        ['kubectl get ncf -o yaml | cpufeatures compile -f profile.yaml --hosts -'],
        ['cpufeatures compile fleet', 'both the profile and the nodes are in the cluster'],
      ],
      exitCodes:
        '0 the revision was printed; 1 the given hosts have no plan in common (stderr says why); 2 wrong ' +
        'usage or input.',
    },
  ).action((name: string | undefined, options: CompileOptions) =>
    verbAction('compile', () => compile(name, options)),
  )
