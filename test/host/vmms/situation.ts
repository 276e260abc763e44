import assert from 'node:assert/strict'
import type { HostConditionName } from './host-condition.ts'
import { attemptNamed } from './scripted-launch.ts'
import type { Attempt, ScriptedLaunch } from './scripted-launch.ts'
import { assertShowsPlan } from './vmm-launch.ts'
import type { VmmVcpu } from './vmm-launch.ts'

/** What a VMM does, as steps of test/fixtures/vmm/stepwise.c, and which of the vCPUs that it then runs are refused. */
export type Situation = {
  /** A sentence about a VMM: "that ...". */
  readonly name: string
  readonly steps: string
  /** vCPUs whose INIT fails with EINVAL; all others that are run show the plan. Named as in the steps. */
  readonly refused?: readonly string[]
  /** vCPUs whose INIT may fail (EINVAL) or that show the plan: which of both is not promised. */
  readonly either?: readonly string[]
  /** Shell before it: what happens beside it. */
  readonly meanwhile?: string
  /** Where it is tried. */
  readonly under: readonly HostConditionName[]
}

/** Words for what happens beside a situation once the VMM has printed something; the VMM awaits `$here/happened`. */
export const MEANWHILE = `
after() { rm -f $here/tried $here/happened; wait_for "$1" $here/tried; }
kill_supervisor_after() { (after "$1"; kill -9 $(supervisors); touch $here/happened) & beside=$!; }
stall_supervisor_after() {
  (after "$1"; stalled=$(supervisors); kill -STOP $stalled; touch $here/happened; sleep $2; kill -CONT $stalled) & beside=$!
}
`

/** The shell that tries a situation; `launch`: what it launches the VMM with, if the script is not launched itself. */
export const tryOf = ({ name, steps, meanwhile }: Omit<Situation, 'under'>, launch = ''): string => {
  const tried = `try '${name}' ${launch} /opt/vmm/stepwise ${steps}`
  return meanwhile === undefined ? tried : `${meanwhile}\n${tried}\nkill $beside 2> /dev/null`
}

const EINVAL = -22

/** A vCPU as steps name it: `A0`. */
export const vcpuName = ({ vm, vcpu }: VmmVcpu): string =>
  `${String.fromCharCode('A'.charCodeAt(0) + vm)}${vcpu}`

const resultOf = (stdout: string, step: string): number | undefined => {
  const line = stdout.split('\n').find((one) => one.startsWith(`{"step":"${step}","result":`))
  return line === undefined ? undefined : Number(/-?\d+(?=\}$)/.exec(line)?.[0])
}

/** What a step of this name came to: 0 or more, or -errno. */
export const stepResult = ({ stdout }: Pick<Attempt, 'stdout'>, step: string): number => {
  const result = resultOf(stdout, step)
  assert.ok(result !== undefined, `${step} was not done:\n${stdout}`)
  return result
}

/** That a VMM ended by itself, that each vCPU it ran shows the plan or was refused as foreseen, and that what ran went on. */
export const assertEndsWell = (launch: ScriptedLaunch, situation: Omit<Situation, 'under'>): void => {
  const attempt = attemptNamed(launch, situation.name)
  const { vcpus, stdout, left, exitCode } = attempt
  const steps = situation.steps.split(' ')
  for (const vcpu of vcpus) if (vcpu.init === 0) assertShowsPlan(vcpu, stdout)
  assert.ok(exitCode === 0 || exitCode === 1, stdout)
  assert.deepEqual(
    vcpus.map(vcpuName),
    steps.filter((step) => step.startsWith('run:')).map((step) => step.slice('run:'.length)),
    stdout,
  )
  for (const vcpu of vcpus) {
    const name = vcpuName(vcpu)
    const isRefused = situation.refused?.includes(name) === true
    if (situation.either?.includes(name) === true) assert.ok([0, EINVAL].includes(vcpu.init), stdout)
    else assert.equal(vcpu.init, isRefused ? EINVAL : 0, `${name}: ${stdout}`)
  }
  for (const step of steps.filter((one) => one.startsWith('goes-on')))
    assert.equal(stepResult(attempt, step), 0, stdout)
  assert.deepEqual(left, [], stdout)
}
