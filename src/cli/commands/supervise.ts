import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { EXIT } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'
import { superviseHost } from '../../supervisor/supervise-host.ts'
import type { ReportLaunch } from '../../supervisor/session-teller.ts'
import { superviseLauncher } from '../../supervisor/supervise-launcher.ts'
import { wholeFile } from '../../supervisor/whole-file.ts'

type SuperviseOptions = { readonly socket?: string; readonly state?: string; readonly metrics?: string }

// The client of the cluster is loaded with the first launch that is to be reported.
const reportLaunch: ReportLaunch = async (where, record) =>
  (await import('../run/report-launch.ts')).reportLaunch(where, record)

const supervise = ({ socket, state, metrics }: SuperviseOptions): Promise<number> | number => {
  if (socket === undefined) return superviseLauncher(reportLaunch)
  const path = resolve(socket)
  const host = { socket: path, state: resolve(state ?? join(dirname(path), 'launches')), reportLaunch }
  if (metrics === undefined) return superviseHost(host)
  const file = wholeFile(metrics)
  if (file.kind === 'file') return superviseHost({ ...host, metrics: file.path })
  process.stderr.write(`cpufeatures supervise: --metrics ${metrics}: ${file.message}\n`)
  return EXIT.usage
}

/** `cpufeatures supervise`: one supervisor for all launches of a host. Without a socket it is what `run` starts beside its VMM. */
export const superviseCommand = (): Command =>
  addVerbHelp(
    new Command('supervise')
      .summary('serve all launches of this host')
      .description(
        'Serves the launches of this host in one process: `cpufeatures run --supervisor SOCKET` hands its VMM over to it, instead of starting a supervisor of its own (some 50 MB each).',
      )
      .option('--socket <path>', 'where launchers come to; for its owner alone')
      .option(
        '--state <folder>',
        "what a successor needs, a file a launch; the socket's folder/launches if not given",
      )
      .option('--metrics <file>', "write metrics there, for node_exporter's textfile collector"),
    {
      notes: [
        'Have it started again where it ends (systemd: Restart=always): the next one takes over what the last one left in its state folder, and finishes calls that wait. On SIGTERM it ends once no call is being served; VMs go on, and their calls wait.',
      ],
      examples: [
        ['cpufeatures supervise --socket /run/cpufeatures/supervisor.sock'],
        [
          'cpufeatures run --supervisor /run/cpufeatures/supervisor.sock --plan revision.yaml -- qemu-system-aarch64 ...',
        ],
      ],
      exitCodes: '0 ended by SIGTERM or SIGINT; 1 another serves there, or it cannot listen; 2 wrong usage.',
    },
  ).action(async (options: SuperviseOptions) => {
    process.exitCode = await supervise(options)
  })
