import type { PlanFinding } from '../../api/finding.ts'
import { writeSync } from 'node:fs'
import { constants } from 'node:os'
import { Command, Option } from 'commander'
import { becomeVmm, type NotBecome } from '../../launch/launcher/become-vmm.ts'
import { hostIpaBits } from '../../launch/act/host-ipa-bits.ts'
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

/** As env(1) has them. */
const EXIT_CODES: Readonly<Record<NotBecome['kind'], number>> = {
  'not-supervised': 125,
  'not-executable': 126,
  'not-found': 127,
}

const STDERR = 2

// Written at once, and waiting for the reader: this process ends.
const fail = (message: string, code: number): number => {
  setFileFlags(STDIO_AT_START)
  writeSync(STDERR, `cpufeatures run: ${message}\n`)
  return code
}

/**
 * Without V8's baseline compiler: what that takes for its first functions, while a VMM waits, the twenty calls of a launch never win back. Only
 * from the command line; set later it is ignored.
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
const renderFindings = (source: string, findings: readonly PlanFinding[]): string =>
  [
    `${source} cannot be launched by this version:`,
    ...findings.map(({ reason, register, remedy }) => `  ${reason} ${register ?? ''}: ${remedy}`),
  ].join('\n')

const run = async (vmm: readonly string[], options: RunOptions): Promise<number> => {
  if (process.arch !== 'arm64' || process.platform !== 'linux') {
    return fail(`needs an arm64 Linux host with KVM; this is ${process.platform} on ${process.arch}`, 125)
  }
  // Node would open its debugger at SIGUSR1; a VMM that has not begun dies of it, as by default.
  setDefaultSignal(constants.signals.SIGUSR1)
  const inherited = inheritedFds(openFds())
  // The supervisor starts while the plan is looked up.
  const starting = start(options)
  const loaded = await loadPlan(options)
  const supervisor = await starting
  if (loaded.kind === 'failed') return fail(loaded.message, 125)
  if (supervisor.kind === 'failed') {
    return fail(`there is no supervisor, so nothing was launched: ${supervisor.message}`, 125)
  }
  const policy = launchPolicy(loaded.plan)
  if (policy.kind === 'unusable') return fail(renderFindings(loaded.source, policy.findings), 125)
  const order = supervisorOrderOf(loaded, options)
  if (!sendLine(supervisor.link.toSupervisor, order)) {
    return fail('the supervisor ended, so nothing was launched', 125)
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

/** {@link run}, with the record's file looked at first: a launch that cannot be recorded as asked for is none. */
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
      .summary('launch a VMM whose vCPUs show a profile')
      .description(
        'Launches an unmodified VMM so that every vCPU it makes shows the CPU of a profile, from the first instruction on. This process becomes the VMM: same pid, stdio, signals and exit code.',
      )
      .argument('<vmm...>', 'the VMM and its arguments, after --')
      .addOption(
        new Option(
          '--plan <file>',
          'a CpuFeatureProfileRevision in YAML or JSON; needs no cluster',
        ).conflicts('profile'),
      )
      .option('--profile <name>', "a CpuFeatureProfile of the cluster: its current revision's plan is taken")
      .option('--record <file>', 'write the launch record there, as JSON')
      .option('-q, --quiet', 'print nothing to stderr once the VMM runs')
      .option(
        '--supervisor <socket>',
        'hand the VMM over to `cpufeatures supervise --socket`, one for all launches',
      )
      .addOption(new Option('--kubeconfig <file>', 'the cluster, for --profile').env('KUBECONFIG'))
      .option('--context <name>', 'the context of the kubeconfig')
      .addOption(
        new Option(
          '--node-name <name>',
          "report the launch on this node's NodeCpuFeatures; the host name if not given",
        ).env('NODE_NAME'),
      ),
    {
      notes: [
        "What happens: KVM takes ID registers only from the VMM's own process and only before the VM runs. So a seccomp filter notifies a supervisor of KVM_CREATE_VM, KVM_ARM_VCPU_INIT and a few more; it makes those calls with what must come after them, reads back, and lets the VMM go on. KVM_RUN and all that a running VM does is not touched. The supervisor is no child of the VMM and ends with it.",
        "Needs: the right to open /dev/kvm; PR_SET_PTRACER or CAP_SYS_PTRACE where Yama restricts ptrace. It sets no_new_privs: setuid helpers of the VMM do not work under it. The VMM's soft limit of open files is the hard one: Node raises it.",
      ],
      examples: [
        ['cpufeatures run --plan revision.yaml -- qemu-system-aarch64 -M virt -accel kvm -cpu host ...'],
        [
          'cpufeatures run --profile fleet --record launch.json -- qemu-system-aarch64 -accel kvm -cpu host ...',
        ],
      ],
      exitCodes:
        "the VMM's own; 125 we failed and nothing was launched; 126 the VMM cannot be executed; 127 not found.",
    },
  )
    .passThroughOptions()
    .action(async (vmm: string[], options: RunOptions) => {
      process.exitCode = await runRecorded(vmm, options)
    })
