import type { LaunchRefusal } from '../../api/finding.ts'
import { refusedPlace } from '../../catalogue/refusal-reasons.ts'
import { writeSync } from 'node:fs'
import { constants } from 'node:os'
import { Command, Option } from 'commander'
import { becomeVmm, type NotBecome } from '../../launch/launcher/become-vmm.ts'
import { hostIpaBits } from '../../launch/act/launch-host.ts'
import { filteredIoctls } from '../../launch/decide/filtered-ioctls.ts'
import { launchPolicy } from '../../launch/decide/launch-policy.ts'
import { inheritedFds, openFds } from '../../launch/launcher/inherited-fds.ts'
import { sendLine } from '../../launch/launcher/line-pipe.ts'
import { setFileFlags } from '../../linux/process/fd-flags.ffi.ts'
import { setDefaultSignal } from '../../linux/process/signals.ffi.ts'
import { joinSupervisor, startSupervisor } from '../../launch/launcher/start-supervisor.ts'
import { STDIO_AT_START } from '../../runtime/stdio-at-start.ts'
import { addVerbHelp } from '../verb-help.ts'
import type { LoadedPlan } from '../run/loaded-plan.ts'
import type { RunOptions } from '../run/run-options.ts'
import { loadPlan } from '../run/load-plan.ts'
import type { SupervisorOrder } from '../../supervisor/supervisor-order.ts'
import { wholeFile } from '../../supervisor/whole-file.ts'

/** The exit codes of env(1). */
const EXIT_CODES: Readonly<Record<NotBecome['kind'], number>> = {
  'not-supervised': 125,
  'not-executable': 126,
  'not-found': 127,
}

const STDERR = 2

// Blocks until the reader has taken the message, because this process then ends, or becomes the VMM.
const say = (message: string): void => {
  setFileFlags(STDIO_AT_START)
  writeSync(STDERR, `cpufeatures run: ${message}\n`)
}

const fail = (message: string, code: number): number => {
  say(message)
  return code
}

/**
 * The supervisor runs without V8's baseline compiler. While a VMM waits, that compiler costs more for its first functions than the
 * twenty calls of a launch win back. V8 accepts the flag only on the command line; set later, it has no effect.
 */
const superviseCommandLine = (): string[] => [
  process.execPath,
  ...process.execArgv,
  '--no-sparkplug',
  process.argv[1] ?? '',
  'supervise',
]

const supervisorOrderOf = (
  { plan, report }: Extract<LoadedPlan, { kind: 'loaded' }>,
  { quiet = false, record }: RunOptions,
): SupervisorOrder => ({
  plan,
  quiet,
  ...(record === undefined ? {} : { recordFile: record }),
  ...(report === undefined ? {} : { report }),
})

const start = async ({ quiet = false, supervisor }: RunOptions): ReturnType<typeof startSupervisor> =>
  supervisor === undefined
    ? startSupervisor(superviseCommandLine(), quiet ? 'ignore' : STDERR)
    : joinSupervisor(supervisor)

/** Why a plan cannot be launched at all, in one message. */
const renderRefusals = (source: string, refusals: readonly LaunchRefusal[]): string =>
  [
    `${source} cannot be launched by this version:`,
    ...refusals.map((one) => `  ${one.reason} ${refusedPlace(one)}: ${one.remedy}`),
  ].join('\n')

const run = async (vmm: readonly string[], options: RunOptions): Promise<number> => {
  if (process.arch !== 'arm64' || process.platform !== 'linux') {
    return fail(
      `needs an arm64 Linux host with KVM; this host is ${process.platform} on ${process.arch}`,
      125,
    )
  }
  // Node would open its debugger at SIGUSR1. A VMM that has not started yet must die of it, as by default.
  setDefaultSignal(constants.signals.SIGUSR1)
  const inherited = inheritedFds(openFds())
  // The supervisor starts while we load the plan.
  const starting = start(options)
  const loaded = await loadPlan(options)
  const supervisor = await starting
  if (loaded.kind === 'failed') return fail(loaded.message, 125)
  if (supervisor.kind === 'failed') {
    return fail(`nothing was launched, because there is no supervisor: ${supervisor.message}`, 125)
  }
  const policy = launchPolicy(loaded.plan)
  if (policy.kind === 'unusable') return fail(renderRefusals(loaded.source, policy.refusals), 125)
  for (const note of loaded.notes) say(`note: ${note}`)
  const order = supervisorOrderOf(loaded, options)
  if (!sendLine(supervisor.link.toSupervisor, order)) {
    return fail('nothing was launched, because the supervisor ended', 125)
  }
  const result = becomeVmm(
    { argv: vmm, inherited, fileFlags: STDIO_AT_START },
    filteredIoctls(policy.policy, hostIpaBits(policy.policy)),
    supervisor.link,
  )
  return fail(
    result.kind === 'not-supervised' ? `nothing was launched: ${result.message}` : result.message,
    EXIT_CODES[result.kind],
  )
}

/** {@link run}, after a check of the record's file: without the requested record there is no launch. */
const runRecorded = (
  vmm: readonly string[],
  { record: path, ...options }: RunOptions,
): Promise<number> | number => {
  if (path === undefined) return run(vmm, options)
  const record = wholeFile(path)
  if (record.kind === 'failed') return fail(`--record ${path}: ${record.message}`, 125)
  return run(vmm, { ...options, record: record.path })
}

/** `cpufeatures run`: launches one VMM so that every vCPU it makes shows a profile's CPU. */
export const runCommand = (): Command =>
  addVerbHelp(
    new Command('run')
      .summary('launch a VMM whose vCPUs match a profile')
      .description(
        'Launches an unmodified VMM. Every vCPU that the VMM makes shows the CPU of a profile, from its first ' +
          'instruction on. The process of `run` becomes the VMM: it keeps its process ID and stdio, gets the ' +
          "signals for the VMM, and exits with the VMM's exit code.",
      )
      .argument('<vmm...>', 'the VMM and its arguments, after --')
      .addOption(
        new Option(
          '--plan <file>',
          'a file with a CpuFeatureProfileRevision, in YAML or JSON. No cluster is needed',
        ).conflicts('profile'),
      )
      .option(
        '--profile <name>',
        'the name of a CpuFeatureProfile in the cluster. `run` applies the plan of its current revision',
      )
      .option(
        '--record <file>',
        'write the launch record (what was planned, and what KVM kept) to this file, as JSON',
      )
      .option('-q, --quiet', 'print nothing to stderr after the VMM has started')
      .option(
        '--supervisor <socket>',
        'use the supervisor that listens on this socket (see `cpufeatures supervise`). Without this option, ' +
          '`run` starts a supervisor for this VMM alone',
      )
      .addOption(
        new Option('--kubeconfig <file>', 'the kubeconfig file of the cluster, for --profile').env(
          'KUBECONFIG',
        ),
      )
      .option('--context <name>', 'the context to use from the kubeconfig file')
      .addOption(
        new Option(
          '--node-name <name>',
          'with --profile, report the launch as an event of the NodeCpuFeatures with this name; default: the ' +
            'host name',
        ).env('NODE_NAME'),
      ),
    {
      notes: [
        "How it works: KVM accepts writes of ID registers only from the VMM's own process, and only before " +
          'the VM runs. So the VMM runs under a seccomp filter. The filter notifies a supervisor process of ' +
          "KVM_CREATE_VM, KVM_ARM_VCPU_INIT and a few other calls. The supervisor stops the VMM's thread, and " +
          'makes it execute the call and the writes of the registers. It then reads the registers again, to see ' +
          'what KVM kept, and lets the thread continue. The filter does not report KVM_RUN, nor anything else ' +
          'that a running VM does. The supervisor is not a child process of the VMM. It ends when the VMM ends.',
        'Requirements: `run` must be allowed to open /dev/kvm. If the security module Yama restricts ptrace, ' +
          'the supervisor may need CAP_SYS_PTRACE; docs/launch.md says when. `run` sets no_new_privs, so setuid ' +
          'programs that the VMM starts do not get other rights. Node.js raises the soft limit of open files to ' +
          'the hard limit, and the VMM inherits this.',
      ],
      examples: [
        ['cpufeatures run --plan revision.yaml -- qemu-system-aarch64 -M virt -accel kvm -cpu host ...'],
        [
          'cpufeatures run --profile fleet --record launch.json -- qemu-system-aarch64 -accel kvm -cpu host ...',
        ],
      ],
      exitCodes:
        "the VMM's own exit code; 125 `run` itself failed and launched nothing; 126 the VMM cannot be " +
        'executed; 127 the VMM was not found.',
    },
  )
    .passThroughOptions()
    .action(async (vmm: string[], options: RunOptions) => {
      process.exitCode = await runRecorded(vmm, options)
    })
