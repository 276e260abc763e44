import { Command, Option } from 'commander'
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
    throw new InputError(`--masks ${path}: a host document is wanted, of a host with the kernel of the dump`)
  return kernelFacts(document.host)
}

type ImportOptions = { readonly masks?: string; readonly profile?: string; readonly output: 'json' | 'yaml' }

const printHost = (path: string, foreign: ForeignHost, { masks, profile, output }: ImportOptions): number => {
  if (profile !== undefined)
    throw new InputError(
      `${path} tells what a host has, which is no profile; import it without --profile, and see cpufeatures baseline --hosts`,
    )
  const host = hostOfForeign(foreign, kernelOf(masks))
  if (host.guestView['MIDR_EL1'] === undefined)
    throw new InputError(
      `${path}: there is no MIDR_EL1 in it, so it does not tell of which CPU it is; add a line MIDR_EL1 = 0x... (/sys/devices/system/cpu/cpu0/regs/identification/midr_el1)`,
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
        `${path} is a CPU template of Firecracker: it says what guests shall have, not what a host has, so no host document can be made of it`,
        `  cpufeatures explain ${path} says what it means; cpufeatures import --profile NAME ${path} makes a profile of it`,
      ].join('\n'),
    )
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

/** `cpufeatures import`: what another program tells of a host as a host document. */
export const importCommand = (): Command =>
  addVerbHelp(
    new Command('import')
      .summary('make a host document of what other programs tell of a host')
      .description(
        "Makes a host document of what other programs tell of a host: dumps of Firecracker's cpu-template-helper (`template dump` or `fingerprint dump`), lists of registers with their values, /proc/cpuinfo, lscpu (also -J), midr_el1 of sysfs. A host that cannot be probed can then be compared and judged with others, as far as that tells; what it does not tell is unknown. Of a CPU template it makes a profile.",
      )
      .argument('<file>', 'the file; - is standard input')
      .option('--profile <name>', 'make a CpuFeatureProfile of this name of a CPU template')
      .option(
        '--masks <host>',
        'take writable masks, and what else the kernel decides, from this host document, of a host with the same kernel',
      )
      .addOption(
        new Option('-o, --output <format>', 'how to print it').choices(['json', 'yaml']).default('json'),
      ),
    {
      examples: [
        ['cpufeatures import fingerprint.json > host.json'],
        ['cpufeatures import /proc/cpuinfo > host.json'],
        ['cpufeatures import --profile fleet template.json -o yaml > profile.yaml'],
        ['cpufeatures import fingerprint.json --masks probed-6.18.json > host.json'],
      ],
      exitCodes: '0 printed; 2 wrong usage or input.',
    },
  ).action((path: string, options: ImportOptions) => verbAction('import', () => importFile(path, options)))
