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
        'Runs one supervisor for all launches of this host. A supervisor serves the KVM calls of VMMs that ' +
          '`cpufeatures run` has launched. With `cpufeatures run --supervisor SOCKET`, this process serves the ' +
          'new VMM, and `run` does not start another supervisor. This saves memory: each supervisor takes about ' +
          '70 MB, of which 27 MB are not shared.',
      )
      .option(
        '--socket <path>',
        'the socket to which `cpufeatures run` connects. Only the user who runs this process can connect',
      )
      .option(
        '--state <folder>',
        'the folder in which the supervisor keeps one file per launch. A supervisor that is restarted reads these ' +
          'files, and goes on where the last one stopped. Default: the folder "launches" beside the socket',
      )
      .option('--metrics <file>', 'write metrics to this file, for the textfile collector of node_exporter'),
    {
      notes: [
        'Configure your service manager to restart the supervisor whenever it ends (systemd: Restart=always). ' +
          'The next supervisor takes over the launches from the state folder, and serves the calls that wait. ' +
          'After SIGTERM, a supervisor completes the calls that it is serving, and then ends. VMs continue. If ' +
          'a VMM makes a new call, the call waits for the next supervisor.',
      ],
      examples: [
        ['cpufeatures supervise --socket /run/cpufeatures/supervisor.sock'],
        [
          'cpufeatures run --supervisor /run/cpufeatures/supervisor.sock --plan revision.yaml -- qemu-system-aarch64 ...',
        ],
      ],
      exitCodes:
        '0 the supervisor ended after SIGTERM or SIGINT; 1 it cannot open the socket, or another supervisor ' +
        'already listens on it; 2 wrong usage, or this is not an arm64 host.',
    },
  ).action(async (options: SuperviseOptions) => {
    process.exitCode = await supervise(options)
  })
