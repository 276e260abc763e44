import { KVM_ARM_VCPU_INIT, KVM_CREATE_VM } from '../../src/linux/abi/kvm.ts'
import { filterProgram } from '../../src/linux/seccomp/filter-program.ts'
import { ProgressBar } from '../differential/progress-bar.ts'
import { bootHost } from '../harness/emulated-host.ts'
import { startHostSupervisor } from '../harness/host-supervisor.ts'
import { GUEST_COMMAND } from '../host/launch/guest-launch.ts'
import { LEVELLED_PLAN, putRevision } from '../host/launch/revision-file.ts'
import { defaultFilter, stepsOfKvmRun } from './bpf-steps.ts'
import { fleetPlan } from './fleet-plan.ts'
import { launchReport, launchVerdicts } from './launch-report.ts'
import { execToFirstLine } from './measure.ts'
import { joinedTurns, takeTurn } from './take-turns.ts'
import type { Turns } from './take-turns.ts'

/*
 * node test/bench-launch/run.ts [TIMES] (make bench-launch): what a launch costs on an emulated host, ours, without us, and the least
 * it could, in turns. TIMES is 20 if not given; medians. Exit code 1 where a target is missed.
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
  const turns: Turns[] = []
  const bar = new ProgressBar(TIMES)
  for (let turn = 1; turn <= TIMES; turn += 1) {
    turns.push(await takeTurn(host, plans, turn))
    bar.step(`turn ${turn}`)
  }
  const all = joinedTurns(turns)
  console.log(launchReport(all, { plans, fewer: LEVELLED_PLAN.registers.length, filters: FILTERS }))
  const verdicts = launchVerdicts(all, FILTERS)
  console.log()
  for (const { claim, held } of verdicts) console.log(`${held ? 'ok    ' : 'MISSED'} ${claim}`)
  process.exitCode = verdicts.every(({ held }) => held) ? 0 : 1
} finally {
  await host.stop()
}
