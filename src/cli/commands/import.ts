import { Command, Option } from 'commander'
import { firecrackerDump, hostOfDump, kernelFacts } from '../input/firecracker-dump.ts'
import type { FirecrackerDump, KernelFacts } from '../input/firecracker-dump.ts'
import { InputError } from '../input/input-error.ts'
import { printNotes, structured } from '../output/print-output.ts'
import { readDocuments, readText } from '../input/read-documents.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'

const read = (path: string): unknown => {
  const text = readText(path)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InputError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const dumpIn = (path: string): FirecrackerDump => {
  const result = firecrackerDump.safeParse(read(path))
  if (result.success) return result.data
  throw new InputError(
    `${path} is no dump of Firecracker's cpu-template-helper (\`template dump\` or \`fingerprint dump\`): reg_modifiers must hold {addr, bitmap}`,
  )
}

const kernelOf = (path: string | undefined): KernelFacts | undefined => {
  if (path === undefined) return undefined
  const [document] = readDocuments([path])
  if (document?.kind !== 'host')
    throw new InputError(`--masks ${path}: a host document is wanted, of a host with the kernel of the dump`)
  return kernelFacts(document.host)
}

type ImportOptions = { readonly masks?: string; readonly output: 'json' | 'yaml' }

const importDump = (path: string, { masks, output }: ImportOptions): number => {
  const host = hostOfDump(dumpIn(path), kernelOf(masks))
  if (host.guestView['MIDR_EL1'] === undefined)
    throw new InputError(`${path}: there is no MIDR_EL1 in it: a stripped dump cannot be a host`)
  process.stdout.write(structured(host, output))
  printNotes([
    'nothing was tried on this host: verdicts about it are unproven',
    ...(masks === undefined
      ? ['a dump has no writable masks, so nothing of it can be lowered (--masks FILE gives them)']
      : []),
    'a dump tells neither CNTFRQ_EL0 and DCZID_EL0 nor vCPU features: the reach of this host is unknown where they decide',
  ])
  return EXIT.yes
}

/** `cpufeatures import`: another VMM's dump as a host document. */
export const importCommand = (): Command =>
  addVerbHelp(
    new Command('import')
      .summary("make a host document of Firecracker's cpu-template-helper dump")
      .description(
        "Makes a host document of what Firecracker's cpu-template-helper dumps (`template dump` or `fingerprint dump`): a host that cannot be probed can then be compared, judged and levelled with others, as far as a dump tells.",
      )
      .argument('<dump>', 'the file; - is standard input')
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
        ['cpufeatures import fingerprint.json --masks probed-6.18.json > host.json'],
      ],
      exitCodes: '0 printed; 2 wrong usage or input.',
    },
  ).action((path: string, options: ImportOptions) => verbAction('import', () => importDump(path, options)))
