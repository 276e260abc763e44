import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { underCondition } from './host-condition.ts'
import { attemptNamed, launchScript } from './scripted-launch.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'
import { assertAllLevelled } from './vmm-launch.ts'

/** A tracer follows the thread that makes the calls as strace does, and says at its end how many stops it saw. */
const TRACED = `
try process /opt/vmm/vmm --traced-from-start
try thread /opt/vmm/vmm --traced --threads --vcpus 2
try untraced /opt/vmm/vmm`

const RUN = 'cpufeatures run --plan "$1"'
/** A launched script starts its VMM as a child, and executes it. */
const SCRIPTS = `
try child ${RUN} --record "$1.record.json" -- sh -c '/opt/vmm/vmm; exit $?'
try executed ${RUN} -- sh -c 'exec /opt/vmm/vmm'`

/** The tracer was there to the end, and saw stops of its own. */
const assertUndisturbed = (stdout: string): void => {
  const stops = [...stdout.matchAll(/"tracerSaw":(\d+)/g)].map(([, count]) => Number(count))
  assert.ok(stops.length > 0, stdout)
  for (const count of stops) assert.ok(count > 2, stdout)
}

describe('a VMM that is traced by another', () => {
  let strict: ScriptedLaunch
  let bestEffort: ScriptedLaunch
  before(async () => {
    const host: HostAccess = await connectHost('neoverse-v1')
    strict = await launchScript(host, await putRevision(host, 'traced', LEVELLED_PLAN), TRACED)
    const plan = { ...LEVELLED_PLAN, enforcement: 'BestEffort' as const }
    bestEffort = await launchScript(host, await putRevision(host, 'traced-best', plan), TRACED)
  })

  it('fails under Strict: KVM_CREATE_VM with EIO', () => {
    const { stdout } = attemptNamed(strict, 'process')
    assert.match(stdout, /"failed":"KVM_CREATE_VM","errno":5/)
    assert.equal(strict.record.outcome, 'vmm-traced-by-another')
  })

  it('fails under Strict where only the threads that INIT are traced: with EIO', () => {
    const { vcpus } = attemptNamed(strict, 'thread')
    assert.deepEqual(
      vcpus.map(({ init }) => init),
      [-5, -5],
    )
  })

  it('goes on under BestEffort, and the record says so', () => {
    for (const [name, count] of [
      ['process', 1],
      ['thread', 2],
    ] as const) {
      const { vcpus, exitCode, stdout } = attemptNamed(bestEffort, name)
      assert.equal(exitCode, 0, stdout)
      assert.deepEqual(
        vcpus.map(({ init }) => init),
        Array(count).fill(0),
      )
    }
    assert.ok(bestEffort.record.refused.some(({ reason }) => reason === 'NotTraceable'))
  })

  it('leaves its tracer undisturbed, and the next VMM levelled', () => {
    for (const launch of [strict, bestEffort]) {
      for (const name of ['process', 'thread']) assertUndisturbed(attemptNamed(launch, name).stdout)
      assert.equal(attemptNamed(launch, 'untraced').exitCode, 0)
      for (const { left, stdout } of launch.attempts.values()) assert.deepEqual(left, [], stdout)
    }
  })

  it('has an outcome of its own under BestEffort too where no vCPU was levelled', async () => {
    const host: HostAccess = await connectHost('neoverse-v1')
    const { record } = await launchScript(
      host,
      '/tmp/traced-best.yaml',
      'try it /opt/vmm/vmm --traced-from-start',
    )
    assert.equal(record.outcome, 'vmm-traced-by-another')
  })
})

describe('a launched script under Yama, of an ordinary user', () => {
  let launch: ScriptedLaunch
  before(async () => {
    const host: HostAccess = await connectHost('neoverse-v1')
    const plan = await putRevision(host, 'yama', LEVELLED_PLAN)
    launch = await underCondition(
      host,
      'as an ordinary user where Yama restricts ptrace to descendants',
      (under) => launchScript(host, plan, SCRIPTS, { under, runs: 'beside' }),
    )
  })

  it('has its VMM refused by name where that is its child', () => {
    assert.match(attemptNamed(launch, 'child').stdout, /"failed":"KVM_CREATE_VM","errno":5/)
    assert.deepEqual(
      launch.record.refused.map(({ reason }) => reason),
      ['NotTraceable'],
    )
  })

  it('has its VMM levelled where it executes it', () => {
    const { exitCode, vcpus, stdout } = attemptNamed(launch, 'executed')
    assertAllLevelled({ exitCode, vcpus, stdout }, 1)
  })
})
