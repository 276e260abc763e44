import { Command, Option } from 'commander'
import { stringify } from 'yaml'
import type { HostDocument } from '../../api/host-document.ts'
import { probeHost } from '../../discovery/probe-host.ts'
import { coreKindsText, hasSeveralKinds, KEEP_ON_ONE_KIND } from '../../plan/core-kinds-text.ts'
import { printNotes } from '../output/print-output.ts'
import { renderHost } from '../output/probe-table.ts'
import { addVerbHelp } from '../verb-help.ts'

const RENDERERS = {
  json: (host: HostDocument) => `${JSON.stringify(host, undefined, 2)}\n`,
  yaml: (host: HostDocument) => stringify(host, { lineWidth: 0 }),
  table: (host: HostDocument) => renderHost(host, false),
  wide: (host: HostDocument) => renderHost(host, true),
} as const

type Output = keyof typeof RENDERERS

type ProbeCommandOptions = { readonly output: Output; readonly trials: boolean }

const coreNotes = (host: HostDocument): readonly string[] =>
  hasSeveralKinds(host)
    ? [`this host has several kinds of cores: ${coreKindsText(host).join(', ')}; ${KEEP_ON_ONE_KIND}`]
    : []

const probe = ({ output, trials }: ProbeCommandOptions): number => {
  const result = probeHost({ trials })
  if (result.kind === 'probed') {
    process.stdout.write(RENDERERS[output](result.host))
    printNotes(coreNotes(result.host))
    return 0
  }
  process.stderr.write(`cpufeatures probe: ${result.message}\n  ${result.remedy}\n`)
  return 1
}

/** `cpufeatures probe`: prints the host document of this machine. */
export const probeCommand = (): Command =>
  addVerbHelp(
    new Command('probe')
      .summary("ask this machine's KVM what it can show a guest")
      .description(
        "Asks this machine's KVM what it can show a guest, and prints the answers as a host document. Most " +
          'other verbs read host documents. To ask KVM, the verb makes VMs that never run. It changes nothing ' +
          'on the host. It needs an arm64 host, /dev/kvm and Linux 6.7 or newer.',
      )
      .addOption(
        new Option('-o, --output <format>', 'the output format')
          .choices(Object.keys(RENDERERS))
          .default('json'),
      )
      .option(
        '--no-trials',
        'do not try to write values into fields. This is faster. But predictions for this host then rest only ' +
          'on rules that model KVM',
      ),
    {
      examples: [
        ['cpufeatures probe > host.json', 'to use the host document on another machine'],
        ['cpufeatures probe -o table', 'the most important facts, on one screen'],
        ['cpufeatures probe -o wide', 'every ID register, with the bits that KVM reports as writable'],
      ],
      exitCodes:
        '0 the host document was printed; 1 there is no KVM, the kernel is too old, or KVM failed (stderr ' +
        'says which); 2 wrong usage.',
    },
  ).action((options: ProbeCommandOptions) => {
    process.exitCode = probe(options)
  })
