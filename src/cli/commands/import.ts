import { Command, Option } from 'commander'
import { isMidr } from '../../arm64/midr.ts'
import { profileNameProblem } from '../../api/object-name.ts'
import { InputError } from '../input/input-error.ts'
import type { ForeignTemplate } from '../input/foreign/firecracker-dump.ts'
import type { ForeignHost } from '../input/foreign/foreign-host.ts'
import { hostOfForeign, kernelFacts } from '../input/foreign/host-of-foreign.ts'
import type { KernelFacts } from '../input/foreign/host-of-foreign.ts'
import { importNotes } from '../input/foreign/import-notes.ts'
import { readForeign } from '../input/foreign/read-foreign.ts'
import { profileOfTemplate } from '../input/foreign/template-profile.ts'
import { printNotes, structured } from '../output/print-output.ts'
import { readDocuments, readText } from '../input/read-documents.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'

const kernelOf = (path: string | undefined): KernelFacts | undefined => {
  if (path === undefined) return undefined
  const [document] = readDocuments([path])
  if (document?.kind !== 'host')
    throw new InputError(`--masks ${path}: expected a host document, from a host with the kernel of the dump`)
  return kernelFacts(document.host)
}

type ImportOptions = { readonly masks?: string; readonly profile?: string; readonly output: 'json' | 'yaml' }

const printHost = (path: string, foreign: ForeignHost, { masks, profile, output }: ImportOptions): number => {
  if (profile !== undefined)
    throw new InputError(
      `${path} describes a host, so it cannot become a profile; import it without --profile, and see cpufeatures baseline --hosts`,
    )
  const host = hostOfForeign(foreign, kernelOf(masks))
  if (host.guestView['MIDR_EL1'] === undefined)
    throw new InputError(
      `${path} has no MIDR_EL1, so it does not say which CPU it describes; add a line MIDR_EL1 = 0x... (from ` +
        '/sys/devices/system/cpu/cpu0/regs/identification/midr_el1)',
    )
  const wrong = foreign.cores.find(({ midr }) => !isMidr(midr))
  if (wrong !== undefined)
    throw new InputError(
      `${path}: 0x${wrong.midr.toString(16)} is not a value of MIDR_EL1: it has 8 hexadecimal digits, ` +
        'the fourth of them f, such as 0x410fd490',
    )
  process.stdout.write(structured(host, output))
  printNotes(importNotes(foreign, host))
  return EXIT.yes
}

const printProfile = (
  path: string,
  template: ForeignTemplate,
  { profile: name, output }: ImportOptions,
): number => {
  if (name === undefined)
    throw new InputError(
      [
        `${path} is a CPU template of Firecracker: it describes guests and not a host, so it cannot become a host document`,
        `  cpufeatures explain ${path} says what it means; cpufeatures import --profile NAME ${path} makes a profile from it`,
      ].join('\n'),
    )
  const wrongName = profileNameProblem(name)
  if (wrongName !== undefined) throw new InputError(`--profile "${name}": ${wrongName}`)
  const { profile, notes } = profileOfTemplate(template, name)
  process.stdout.write(structured(profile, output))
  printNotes(notes)
  return EXIT.yes
}

const importFile = (path: string, options: ImportOptions): number => {
  const source = path === '-' ? 'stdin' : path
  const foreign = readForeign(readText(path), source)
  return foreign.kind === 'template'
    ? printProfile(source, foreign, options)
    : printHost(source, foreign, options)
}

/** `cpufeatures import`: makes a host document from the output of another program. */
export const importCommand = (): Command =>
  addVerbHelp(
    new Command('import')
      .summary('make a host document from the output of other programs')
      .description(
        'Makes a host document from the output of other programs. So you can also use the other verbs for a ' +
          "host that you cannot probe. The verb reads dumps of Firecracker's cpu-template-helper (`template " +
          'dump` or `fingerprint dump`), and lists of registers with their values. It also reads /proc/cpuinfo, ' +
          'midr_el1 from sysfs, and what lscpu or lscpu -J prints. Facts that this output lacks stay unknown. ' +
          'With --profile, the verb makes a profile from a CPU template instead.',
      )
      .argument('<file>', 'the file with the dump; - is standard input')
      .option('--profile <name>', 'make a CpuFeatureProfile with this name from a CPU template')
      .option(
        '--masks <host>',
        'the host document of another host with the same kernel. From it, the verb takes the writable masks, ' +
          'and everything else that depends only on the kernel',
      )
      .addOption(
        new Option('-o, --output <format>', 'the output format').choices(['json', 'yaml']).default('json'),
      ),
    {
      examples: [
        ['cpufeatures import fingerprint.json > host.json'],
        ['cpufeatures import /proc/cpuinfo > host.json'],
        ['cpufeatures import --profile fleet template.json -o yaml > profile.yaml'],
        ['cpufeatures import fingerprint.json --masks probed-6.18.json > host.json'],
      ],
      exitCodes: '0 the document was printed; 2 wrong usage or input.',
    },
  ).action((path: string, options: ImportOptions) => verbAction('import', () => importFile(path, options)))
