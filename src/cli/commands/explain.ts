import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { FEATURES } from '../../arm64/feature-registry.ts'
import { featuresBySpelling, nearestFeatureNames } from '../../arm64/feature-spelling.ts'
import { FEATURE_ID_REGISTERS } from '../../arm64/register.ts'
import { kvmIdIn, registerBySpelling } from '../../arm64/register-spelling.ts'
import { nearestNames } from '../../profile/spec/nearest-names.ts'
import { explainFeature } from '../answers/explain-feature.ts'
import { explainRegister } from '../answers/explain-register.ts'
import { explainWords } from '../answers/explain-words.ts'
import { clusterReference } from '../input/cluster-reference.ts'
import { cpuWords } from '../input/cpu-words.ts'
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

// NAME=VALUE, NAME = VALUE and NAME: VALUE; encodings have = within their brackets.
const ASSIGNMENT = /^(.*[^\s=:])\s*[=:]\s*([^\s=:]+)$/

const WHOLE_VALUE = /^(?:0x)?[0-9a-f]{16}$|^0x[0-9a-f]{1,16}$/i

const registerSubject = (text: string, classes: readonly NamedClass[]): Explained | undefined => {
  const plain = registerBySpelling(text)
  if (plain !== undefined) return explainRegister(plain, undefined, classes)
  const [, name = '', value = ''] = ASSIGNMENT.exec(text) ?? []
  const register = registerBySpelling(name)
  if (register === undefined) return undefined
  if (!WHOLE_VALUE.test(value))
    throw new InputError(`${text}: the value of the whole register is wanted, as ${name}=0x...`)
  return explainRegister(register, BigInt(`0x${value.replace(/^0x/i, '')}`), classes)
}

const nearestTo = (text: string): string => {
  const [name = text] = text.split('=')
  return /^(S\d|.*_EL\d)/i.test(name)
    ? nearestNames(
        name,
        FEATURE_ID_REGISTERS.map((register) => register.name),
      )
    : nearestFeatureNames(name).join(', ')
}

const unknownSubject = (text: string): InputError => {
  if (kvmIdIn(text) !== undefined)
    return new InputError(`${text} is the KVM id of a register that is no feature ID register`)
  const nearest = nearestTo(text)
  const hint = nearest === '' ? 'and nothing is spelled like it' : `nearest are ${nearest}`
  return new InputError(
    `${text} is no FEAT_ or HWCAP name (there are ${FEATURES.length}), no ID register and no file; ${hint}`,
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

const isDocument = (text: string): boolean =>
  text === '-' || existsSync(text) || clusterReference(text) !== undefined

/** What a name or a CPU's description means; undefined where it is neither. */
const explainSpelled = (text: string, classes: readonly NamedClass[]): readonly Explained[] | undefined => {
  const found = featuresBySpelling(text)
  if (found?.features.length === 0)
    throw new InputError(`${text} is nothing of the CPU: no ID register tells it, and no profile can say it`)
  if (found !== undefined) return found.features.map((feature) => explainFeature(feature, classes))
  const register = registerSubject(text, classes)
  if (register !== undefined) return [register]
  if (isDocument(text)) return undefined
  const words = cpuWords(text)
  return words && [explainWords(words)]
}

const explainOne = async (
  text: string,
  classes: readonly NamedClass[],
  options: ExplainOptions,
): Promise<readonly Explained[]> => {
  const spelled = explainSpelled(text, classes)
  if (spelled !== undefined) return spelled
  if (!isDocument(text)) throw unknownSubject(text)
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

const OPTION_OF_CPU = /^-(?:cpu|march|mcpu|mtune|mattr)(?:=|$)/

/** `-cpu host,sve=off` comes as two words; an option of ours that nobody knows must not be taken for a subject. */
const joinedOptions = (subjects: readonly string[]): readonly string[] => {
  const joined: string[] = []
  for (const subject of subjects) {
    const last = joined.at(-1)
    if (last !== undefined && OPTION_OF_CPU.test(last) && !/[=\s]/.test(last)) {
      joined[joined.length - 1] = `${last} ${subject}`
      continue
    }
    if (subject.startsWith('--')) throw new InputError(`unknown option ${subject} (see --help)`)
    joined.push(subject)
  }
  return joined
}

const explain = async (subjects: readonly string[], options: ExplainOptions): Promise<number> => {
  const classes = await classesGiven(options)
  const all: Explained[] = []
  for (const subject of joinedOptions(subjects)) all.push(...(await explainOne(subject, classes, options)))
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
          'FEAT_RNG, rng, +rng, ID_AA64ISAR0_EL1, 0x603000000013c030, ID_AA64ISAR0_EL1=0x1011111110212120, a CPU as QEMU or a compiler is told it (host,sve=off), a file, or node/NAME, profile/NAME, revision/NAME of the cluster',
        )
        // -cpu and -march are no options of ours, but what people paste.
        .allowUnknownOption()
        .addOption(hostsOption(': what they make of it'))
        .option('--nodes', 'what all nodes of the cluster make of it', false),
    ).addOption(outputOption('table')),
    {
      examples: [
        ['cpufeatures explain FEAT_SVE2'],
        ['cpufeatures explain asimddp --hosts reports/', 'who has it, and can hide it'],
        ['cpufeatures explain FEAT_RNG --nodes', 'the nodes of the cluster'],
        ['cpufeatures explain ID_AA64MMFR2_EL1=0x1221011110001011'],
        ['cpufeatures explain -cpu host,sve=off,pmu=on', 'as QEMU is told it, and how a profile says it'],
        ['cpufeatures explain host.json node/worker-1'],
        ['cpufeatures explain profile.yaml --hosts reports/'],
        ['cpufeatures explain profile/fleet', 'as the controller compiles it'],
      ],
      exitCodes: '0 explained; 2 wrong usage or input.',
    },
  ).action((subjects: readonly string[], options: ExplainOptions) =>
    verbAction('explain', () => explain(subjects, options)),
  )
