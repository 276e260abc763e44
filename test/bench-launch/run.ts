import { KVM_ARM_VCPU_INIT, KVM_CREATE_VM } from '../../src/linux/abi/kvm.ts'
import { filterProgram } from '../../src/linux/seccomp/filter-program.ts'
import { ProgressBar } from '../differential/progress-bar.ts'
import { bootHost } from '../harness/emulated-host.ts'
import { startHostSupervisor } from '../harness/host-supervisor.ts'
import { GUEST_COMMAND } from '../host/launch/guest-launch.ts'
import { LEVELLED_PLAN, putRevision } from '../host/launch/revision-file.ts'
import { defaultFilter, stepsOfKvmRun } from './bpf-steps.ts'
import { fleetPlan } from './fleet-plan.ts'
import { launchReport } from './launch-report.ts'
import { launchVerdicts } from './launch-verdicts.ts'
import { execToFirstLine } from './measure.ts'
import { takeTurn, type Turn } from './take-turns.ts'

/*
 * node test/bench-launch/run.ts [TIMES] (make bench-launch): what a launch costs on an emulated host, ours, without us, and the least
 * it could, in turns. TIMES is 20 if not given; medians. Exit code 1 if a target is missed, 3 if none is, but of some it cannot be told.
 */

const TIMES = Number(process.argv[2] ?? 20)

const FILTERS = {
  ours: stepsOfKvmRun(
    filterProgram({ hidden: [], requests: [KVM_CREATE_VM, KVM_ARM_VCPU_INIT], capabilities: [] }),
  ),
  default: stepsOfKvmRun(await defaultFilter()),
}

const host = await bootHost({ name: 'bench', cpuModel: 'neoverse-v1', kernel: '6.18' })
try {
  const fleet = fleetPlan()
  const plans = {
    fleet: await putRevision(host, 'fleet', fleet),
    few: await putRevision(host, 'few', LEVELLED_PLAN),
    registers: fleet.registers.length,
    supervisor: '/tmp/supervisor.sock',
  }
  await startHostSupervisor(host, plans.supervisor)
  // The first run of a program on a host takes longer: it is read, and translated.
  await execToFirstLine(host, GUEST_COMMAND)
  await execToFirstLine(host, GUEST_COMMAND, {
    plan: plans.fleet,
    record: '/tmp/first',
    supervisor: plans.supervisor,
  })
  const turns: Turn[] = []
  const bar = new ProgressBar(TIMES)
  for (let turn = 1; turn <= TIMES; turn += 1) {
    turns.push(await takeTurn(host, plans, turn))
    bar.step(`turn ${turn}`)
  }
  const fewer = LEVELLED_PLAN.registers.length
  console.log(launchReport(turns, { plans, fewer, filters: FILTERS }))
  console.log()
  const verdicts = launchVerdicts(turns, FILTERS)
  for (const { claim, judgement, measured } of verdicts)
    console.log(`${judgement.padEnd(12)}${claim}${measured}`)
  const judgements = new Set(verdicts.map(({ judgement }) => judgement))
  if (judgements.has('cannot tell')) process.exitCode = 3
  if (judgements.has('MISSED')) process.exitCode = 1
} finally {
  await host.stop()
}
