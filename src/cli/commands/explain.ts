import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { FEATURES, featuresByName, nearestFeatureNames } from '../../arm64/feature-registry.ts'
import { FEATURE_ID_REGISTERS, registerByName } from '../../arm64/register.ts'
import { nearestNames } from '../../profile/spec/nearest-names.ts'
import { explainFeature } from '../answers/explain-feature.ts'
import { explainRegister } from '../answers/explain-register.ts'
import { clusterReference } from '../input/cluster-reference.ts'
import { addClusterOptions, hostsOption } from '../input/input-options.ts'
import type { InputOptions } from '../input/input-options.ts'
import { InputError } from '../input/input-error.ts'
import type { NamedClass } from '../input/named-class.ts'
import { printLines } from '../output/print-lines.ts'
import type { OutputFormat } from '../output/output-format.ts'
import { outputOption } from '../output/output-format.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'
import type { Explained } from '../output/explain-table.ts'
import { explainLines } from '../output/explain-table.ts'

type ExplainOptions = InputOptions & { readonly nodes: boolean; readonly output: OutputFormat }

/** Inputs are read, and the schemas loaded that check them, only where some are named: `explain FEAT_X` starts at once. */
const classesGiven = async (options: ExplainOptions): Promise<readonly NamedClass[]> => {
  if (options.hosts === undefined && !options.nodes) return []
  const { classesOf, givenDocuments } = await import('../input/gather-inputs.ts')
  return classesOf(await givenDocuments(options))
}

const registerSubject = (text: string, classes: readonly NamedClass[]): Explained | undefined => {
  const [name = '', value] = text.split('=')
  const register = registerByName(name)
  if (register === undefined) return undefined
  if (value === undefined) return explainRegister(register, undefined, classes)
  if (!/^0x[0-9a-f]{1,16}$/i.test(value))
    throw new InputError(`${text}: the value of the whole register is wanted, as ${name}=0x...`)
  return explainRegister(register, BigInt(value), classes)
}

const unknownSubject = (text: string): InputError => {
  const registers = FEATURE_ID_REGISTERS.map(({ name }) => name)
  const [name = text] = text.split('=')
  const nearest = /^(S\d|.*_EL\d)/i.test(name)
    ? nearestNames(name, registers)
    : nearestFeatureNames(name).join(', ')
  return new InputError(
    `${text} is no FEAT_ or HWCAP name (there are ${FEATURES.length}), no ID register and no file; nearest are ${nearest}`,
  )
}

const explainNamed = async (
  word: string,
  classes: readonly NamedClass[],
  options: ExplainOptions,
): Promise<readonly Explained[]> => {
  const [{ classesOf }, { documentsNamed }, { explainDocument }] = await Promise.all([
    import('../input/gather-inputs.ts'),
    import('../input/documents-named.ts'),
    import('../answers/explain-document.ts'),
  ])
  const isOfCluster = clusterReference(word) !== undefined
  const explained: Explained[] = []
  for (const document of await documentsNamed([word], options)) {
    explained.push(
      ...(await explainDocument(document, async (spec) =>
        classes.length === 0 && isOfCluster ? classesOf({ documents: [], options }, spec) : classes,
      )),
    )
  }
  return explained
}

const explainOne = async (
  text: string,
  classes: readonly NamedClass[],
  options: ExplainOptions,
): Promise<readonly Explained[]> => {
  const features = featuresByName(text)
  if (features.length > 0) return features.map((feature) => explainFeature(feature, classes))
  const register = registerSubject(text, classes)
  if (register !== undefined) return [register]
  if (text !== '-' && !existsSync(text) && clusterReference(text) === undefined) throw unknownSubject(text)
  return explainNamed(text, classes, options)
}

const print = async (all: readonly Explained[], output: OutputFormat): Promise<void> => {
  if (output === 'json' || output === 'yaml') {
    const { structured } = await import('../output/print-output.ts')
    process.stdout.write(structured(all.length === 1 ? all[0] : all, output))
    return
  }
  printLines(
    all.flatMap((one, index) => [...(index > 0 ? [''] : []), ...explainLines(one, output === 'wide')]),
  )
}

const explain = async (subjects: readonly string[], options: ExplainOptions): Promise<number> => {
  const classes = await classesGiven(options)
  const all: Explained[] = []
  for (const subject of subjects) all.push(...(await explainOne(subject, classes, options)))
  await print(all, options.output)
  return EXIT.yes
}

/** `cpufeatures explain`: what a name, a value or a document means. */
export const explainCommand = (): Command =>
  addVerbHelp(
    addClusterOptions(
      new Command('explain')
        .summary('say what a feature, a register value, a host or a profile means')
        .description(
          'Explains FEAT_ and HWCAP names (where they show, what they need, what goes with them), ID registers and values of them (field by field, and what KVM takes instead), and documents: a host, a profile, a revision, a view.',
        )
        .argument(
          '<subject...>',
          'FEAT_RNG, rng, ID_AA64ISAR0_EL1, ID_AA64ISAR0_EL1=0x1011111110212120, a file, or node/NAME, profile/NAME, revision/NAME of the cluster',
        )
        .addOption(hostsOption(': what they make of it'))
        .option('--nodes', 'what all nodes of the cluster make of it', false),
    ).addOption(outputOption('table')),
    {
      examples: [
        ['cpufeatures explain FEAT_SVE2'],
        ['cpufeatures explain asimddp --hosts reports/', 'who has it, and can hide it'],
        ['cpufeatures explain FEAT_RNG --nodes', 'the nodes of the cluster'],
        ['cpufeatures explain ID_AA64MMFR2_EL1=0x1221011110001011'],
        ['cpufeatures explain host.json node/worker-1'],
        ['cpufeatures explain profile.yaml --hosts reports/'],
        ['cpufeatures explain profile/fleet', 'as the controller compiles it'],
      ],
      exitCodes: '0 explained; 2 wrong usage or input.',
    },
  ).action((subjects: readonly string[], options: ExplainOptions) =>
    verbAction('explain', () => explain(subjects, options)),
  )
