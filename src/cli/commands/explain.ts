import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { FEATURES } from '../../arm64/feature-registry.ts'
import { featuresBySpelling, nearestFeatureNames } from '../../arm64/feature-spelling.ts'
import { hwcapWithoutFeature } from '../../arm64/hwcap-names.ts'
import { FEATURE_ID_REGISTERS } from '../../arm64/register.ts'
import { kvmIdIn, registerBySpelling } from '../../arm64/register-spelling.ts'
import { streamRegisterName } from '../../arm64/stream-registers.ts'
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

/** Reads inputs, and loads the schemas that check them, only if the user names any: `explain FEAT_X` starts at once. */
const classesGiven = async (options: ExplainOptions): Promise<readonly NamedClass[]> => {
  if (options.hosts === undefined && !options.nodes) return []
  const { classesOf, givenDocuments } = await import('../input/gather-inputs.ts')
  return classesOf(await givenDocuments(options))
}

// NAME=VALUE, NAME = VALUE, NAME: VALUE and NAME VALUE; encodings have = within their brackets.
const ASSIGNMENT = /^(.*[^\s=:])(?:\s*[=:]\s*|\s+)([^\s=:]+)$/

const WHOLE_VALUE = /^(?:0x)?[0-9a-f]{16}$|^0x[0-9a-f]{1,16}$/i

/** REGISTER.FIELD, as findings print it. */
const fieldSubject = (text: string, classes: readonly NamedClass[]): Explained | undefined => {
  const [, name = '', fieldName = ''] = /^(.+)\.(\w+)$/.exec(text) ?? []
  const register = registerBySpelling(name)
  const field = register?.fields.find((one) => one.name.toLowerCase() === fieldName.toLowerCase())
  if (register === undefined || field === undefined) return undefined
  return explainRegister({ ...register, fields: [field] }, undefined, classes)
}

const registerSubject = (text: string, classes: readonly NamedClass[]): Explained | undefined => {
  const plain = registerBySpelling(text)
  if (plain !== undefined) return explainRegister(plain, undefined, classes)
  const [, name = '', value = ''] = ASSIGNMENT.exec(text) ?? []
  const register = registerBySpelling(name)
  if (register === undefined) return fieldSubject(text, classes)
  if (!WHOLE_VALUE.test(value))
    throw new InputError(`${text}: give the value of the whole register, as ${name}=0x...`)
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
  const id = kvmIdIn(text)
  if (id !== undefined) {
    const name = streamRegisterName(id)
    const which = name === undefined ? '' : ` (${name})`
    return new InputError(`${text} is the KVM ID of a register${which} that is not a feature ID register`)
  }
  const nearest = nearestTo(text)
  const hint = nearest === '' ? 'nothing has a similar name' : `the nearest names are ${nearest}`
  return new InputError(
    `${text} is not a FEAT_ or HWCAP name (${FEATURES.length} are known), an ID register or a file; ${hint}`,
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

const isLikeFile = (text: string): boolean => /\.(?:json|ya?ml|txt)$/i.test(text) || /^[^=,+]*\//.test(text)

/** What the name of a feature or of a register means; undefined where it is neither. */
const explainName = async (
  text: string,
  classes: readonly NamedClass[],
): Promise<readonly Explained[] | undefined> => {
  const features = featuresBySpelling(text)?.features
  if (features !== undefined && features.length > 0)
    return Promise.all(features.map((feature) => explainFeature(feature, classes)))
  const register = registerSubject(text, classes)
  if (register !== undefined) return [register]
  if (features === undefined) return undefined
  throw new InputError(
    hwcapWithoutFeature(text) ??
      `${text} is not a property of the CPU: no ID register shows it, and a profile cannot specify it`,
  )
}

/** What a name or a CPU's description means; undefined where it is neither. */
const explainSpelled = async (
  text: string,
  classes: readonly NamedClass[],
): Promise<readonly Explained[] | undefined> => {
  const named = await explainName(text, classes)
  if (named !== undefined) return named
  if (isDocument(text)) return undefined
  if (isLikeFile(text)) throw new InputError(`${text}: no such file`)
  const words = cpuWords(text)
  return words && [explainWords(words)]
}

const explainOne = async (
  text: string,
  classes: readonly NamedClass[],
  options: ExplainOptions,
): Promise<readonly Explained[]> => {
  const spelled = await explainSpelled(text, classes)
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

/** Whether a word goes on what the last one began: `-cpu host,sve=off`, `REGISTER = 0x1`. */
const goesOn = (last: string, word: string): boolean =>
  (OPTION_OF_CPU.test(last) && !/[=\s]/.test(last)) ||
  /^[=:]/.test(word) ||
  (/[\w)][=:]?$/.test(last) && WHOLE_VALUE.test(word) && kvmIdIn(word) === undefined) ||
  /\s[=:]$/.test(last)

/** Joins what arrives as several words. An unknown option of ours must not count as a subject. */
const joinedOptions = (subjects: readonly string[]): readonly string[] => {
  const joined: string[] = []
  for (const subject of subjects) {
    const last = joined.at(-1)
    if (last !== undefined && goesOn(last, subject)) {
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

/** `cpufeatures explain`: explains a name, a value or a document. */
export const explainCommand = (): Command =>
  addVerbHelp(
    addClusterOptions(
      new Command('explain')
        .summary('explain a feature, a register value, a host or a profile')
        .description(
          'Explains each subject. For a FEAT_ or HWCAP name, the verb says in which register fields the feature ' +
            'shows, which features it needs, and which features need it. For an ID register or a value of one, it ' +
            'lists the fields with the values that KVM accepts. For a document (a host, a profile, a revision or ' +
            'a view), it says what the document contains.',
        )
        .argument(
          '<subject...>',
          'a feature (FEAT_RNG, rng, +rng); a register (ID_AA64ISAR0_EL1, 0x603000000013c030); a value of one ' +
            '(ID_AA64ISAR0_EL1=0x1011111110212120); a CPU in the syntax of QEMU or a compiler (host,sve=off); a file; ' +
            'or node/NAME, profile/NAME or revision/NAME in the cluster',
        )
        // -cpu and -march are not our options, but people paste them.
        .allowUnknownOption()
        .addOption(hostsOption('. Also give the answer for each of these hosts'))
        .option('--nodes', 'also give the answer for each node of the cluster', false),
    ).addOption(outputOption('table')),
    {
      examples: [
        ['cpufeatures explain FEAT_SVE2'],
        [
          'cpufeatures explain asimddp --hosts reports/',
          'which hosts have asimddp (FEAT_DotProd), and which of them can hide it from guests',
        ],
        ['cpufeatures explain FEAT_RNG --nodes', 'the same for the nodes of the cluster'],
        ['cpufeatures explain ID_AA64MMFR2_EL1=0x1221011110001011'],
        [
          'cpufeatures explain -cpu host,sve=off,pmu=on',
          'what these options of QEMU mean, and how to write them in a profile',
        ],
        ['cpufeatures explain host.json node/worker-1'],
        ['cpufeatures explain profile.yaml --hosts reports/'],
        ['cpufeatures explain profile/fleet', 'the profile as the controller compiles it'],
      ],
      exitCodes: '0 all subjects were explained; 2 wrong usage or input.',
    },
  ).action((subjects: readonly string[], options: ExplainOptions) =>
    verbAction('explain', () => explain(subjects, options)),
  )
