import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { EXIT } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'
import { isStartedByLauncher } from '../../launch/launcher/start-supervisor.ts'
import { superviseHost } from '../../supervisor/supervise-host.ts'
import type { ReportLaunch } from '../../supervisor/session-teller.ts'
import { superviseLauncher } from '../../supervisor/supervise-launcher.ts'
import { wholeFile } from '../../supervisor/whole-file.ts'

type SuperviseOptions = { readonly socket?: string; readonly state?: string; readonly metrics?: string }

// Loads the Kubernetes client with the first launch that has to be reported.
const reportLaunch: ReportLaunch = async (where, record) =>
  (await import('../run/report-launch.ts')).reportLaunch(where, record)

const fail = (message: string): number => {
  process.stderr.write(`cpufeatures supervise: ${message}\n`)
  return EXIT.usage
}

const serve = (socket: string, { state, metrics }: SuperviseOptions): Promise<number> | number => {
  const file = metrics === undefined ? undefined : wholeFile(metrics)
  if (file?.kind === 'failed') return fail(`--metrics ${metrics ?? ''}: ${file.message}`)
  if (process.arch !== 'arm64' || process.platform !== 'linux')
    return fail(`needs an arm64 Linux host with KVM; this host is ${process.platform} on ${process.arch}`)
  const path = resolve(socket)
  const host = { socket: path, state: resolve(state ?? join(dirname(path), 'launches')), reportLaunch }
  return superviseHost({ ...host, ...(file && { metrics: file.path }) })
}

const supervise = (options: SuperviseOptions): Promise<number> | number => {
  if (options.socket !== undefined) return serve(options.socket, options)
  return isStartedByLauncher()
    ? superviseLauncher(reportLaunch)
    : fail('give --socket PATH, to which cpufeatures run --supervisor PATH connects')
}

/** `cpufeatures supervise`: one supervisor for all launches of a host. `run` starts it without a socket, beside its VMM. */
export const superviseCommand = (): Command =>
  addVerbHelp(
    new Command('supervise')
      .summary('serve all launches of this host')
      .description(
        'Serves all launches of this host in one process. `cpufeatures run --supervisor SOCKET` hands its VMM over ' +
          'to this process, instead of starting its own supervisor. This saves memory: each supervisor takes about ' +
          '70 MB, of which 27 MB are not shared.',
      )
      .option(
        '--socket <path>',
        'the socket to which `cpufeatures run` connects; only the owner of the socket can connect',
      )
      .option(
        '--state <folder>',
        'the folder with one file per launch, from which the next supervisor continues; default: the folder ' +
          '"launches" beside the socket',
      )
      .option('--metrics <file>', "write metrics to this file, for node_exporter's textfile collector"),
    {
      notes: [
        'Configure your service manager to restart the supervisor whenever it ends (systemd: Restart=always). The next ' +
          'supervisor takes over the launches from the state folder, and serves the calls that wait. On SIGTERM, a ' +
          'supervisor finishes the calls that it serves, and ends. VMs continue, and their new calls wait for the ' +
          'next supervisor.',
      ],
      examples: [
        ['cpufeatures supervise --socket /run/cpufeatures/supervisor.sock'],
        [
          'cpufeatures run --supervisor /run/cpufeatures/supervisor.sock --plan revision.yaml -- qemu-system-aarch64 ...',
        ],
      ],
      exitCodes:
        '0 ended by SIGTERM or SIGINT; 1 the socket cannot be opened, or another supervisor serves it; 2 wrong ' +
        'usage, or not an arm64 host.',
    },
  ).action(async (options: SuperviseOptions) => {
    process.exitCode = await supervise(options)
  })
