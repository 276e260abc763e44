import { Command, Option } from 'commander'
import { stringify } from 'yaml'
import type { HostDocument } from '../../api/host-document.ts'
import { probeHost } from '../../discovery/probe-host.ts'
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

const probe = ({ output, trials }: ProbeCommandOptions): number => {
  const result = probeHost({ trials })
  if (result.kind === 'probed') {
    process.stdout.write(RENDERERS[output](result.host))
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
        "Asks this machine's KVM what it can show a guest, by scratch VMs, and prints it as a host document: all that the other verbs decide from. Needs an arm64 host, /dev/kvm and Linux 6.7 or newer; changes nothing.",
      )
      .addOption(
        new Option('-o, --output <format>', 'how to print it')
          .choices(Object.keys(RENDERERS))
          .default('json'),
      )
      .option(
        '--no-trials',
        'do not try every value of every field: faster, but predictions rest on the rules alone',
      ),
    {
      examples: [
        ['cpufeatures probe > host.json', 'take a host document to another machine'],
        ['cpufeatures probe -o table', 'what matters, on one screen'],
        ['cpufeatures probe -o wide', 'every ID register with its writable mask'],
      ],
      exitCodes: '0 probed; 1 no KVM, too old a kernel, or KVM failed, and why; 2 wrong usage.',
    },
  ).action((options: ProbeCommandOptions) => {
    process.exitCode = probe(options)
  })
