import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { attemptNamed, launchScript } from './scripted-launch.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'
import { assertAllLevelled } from './vmm-launch.ts'

const INIT = '0x4020aeae'
const FROZEN = '/sys/fs/cgroup/frozen'
/** How many ptrace calls further the supervisor is when it happens: as it stops the thread, and in the middle of its calls. */
const MOMENTS = [0, 6, 12]

const FREEZE = `echo $PID > ${FROZEN}/cgroup.procs; echo 1 > ${FROZEN}/cgroup.freeze`
const THAW = `echo 0 > ${FROZEN}/cgroup.freeze`

const frozenFor = (seconds: number): string =>
  `${FREEZE}; (sleep ${seconds}; ${THAW}) > /dev/null 2>&1 & sleep 0.3`

/** Has another thread of the VMM end it, or execute another, and waits until that is so: a dead process has no command line. */
const AT_USR2 = `line=$(tr "\\0" " " < /proc/$PID/cmdline); kill -USR2 $PID
  looks=0
  while [ "$(tr "\\0" " " < /proc/$PID/cmdline)" = "$line" ] && [ $looks -lt 300 ]; do
    sleep 0.1; looks=$((looks+1))
  done 2> /dev/null`

const atEachMoment = (name: string, command: string, options = ''): string =>
  MOMENTS.map(
    (calls) => `at_stop ${INIT} ${calls} '${command}'\ntry '${name} ${calls}' /opt/vmm/vmm ${options}`,
  ).join('\n')

describe('a VMM whose KVM_ARM_VCPU_INIT is being served', () => {
  let host: HostAccess
  let plan: string
  let launch: ScriptedLaunch
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'stopped', LEVELLED_PLAN)
    launch = await launchScript(
      host,
      plan,
      `mkdir -p ${FROZEN}
       alive
       ${atEachMoment('stopped', 'kill -STOP $PID; (sleep 2; kill -CONT $PID) > /dev/null 2>&1 & sleep 0.2')}
       ${atEachMoment('frozen', frozenFor(2))}
       ${atEachMoment('exits', AT_USR2, '--exit-at-usr2')}
       ${atEachMoment('executes', AT_USR2, '--exec-at-usr2')}
       try 'the last' /opt/vmm/vmm
       alive`,
    )
  })

  it('is levelled when it goes on, though SIGSTOP came and SIGCONT two seconds later', () => {
    for (const calls of MOMENTS) assertAllLevelled(attemptNamed(launch, `stopped ${calls}`), 1)
  })

  it('is levelled when it goes on, though its cgroup was frozen for two seconds', () => {
    for (const calls of MOMENTS) assertAllLevelled(attemptNamed(launch, `frozen ${calls}`), 1)
  })

  it('ends with its own code where another thread ends the process', () => {
    for (const calls of MOMENTS) assert.equal(attemptNamed(launch, `exits ${calls}`).exitCode, 7)
    assert.equal(launch.record.outcome, 'vmm-exited')
  })

  it('is the VMM that another thread executes, which is levelled', () => {
    for (const calls of MOMENTS) assertAllLevelled(attemptNamed(launch, `executes ${calls}`), 1)
  })

  it('leaves nothing stopped, traced or unreaped, and the supervisor as it was', () => {
    for (const { left, stdout } of launch.attempts.values()) assert.deepEqual(left, [], stdout)
    assertAllLevelled(attemptNamed(launch, 'the last'), 1)
    const [first, last] = launch.supervisors
    assert.ok(first !== undefined && first > 0)
    assert.equal(last, first)
  })

  it('is killed where its cgroup stays frozen for longer than a stop may take, and others are served on', async () => {
    const { attempts, record } = await launchScript(
      host,
      plan,
      `mkdir -p ${FROZEN}
       at_stop ${INIT} 0 '${FREEZE}'
       try frozen /opt/vmm/vmm
       ${THAW}
       try 'the last' /opt/vmm/vmm`,
    )
    const frozen = attempts.get('frozen')
    assert.equal(frozen?.exitCode, 128 + 9, frozen?.stdout)
    assert.deepEqual(frozen.left, [])
    const last = attempts.get('the last')
    assert.ok(last !== undefined)
    assertAllLevelled(last, 1)
    assert.equal(record.outcome, 'vmm-frozen')
  })
})

describe('a VMM whose VM has run', () => {
  let launch: ScriptedLaunch
  before(async () => {
    const host = await connectHost('neoverse-v1')
    const plan = await putRevision(host, 'stopped', LEVELLED_PLAN)
    launch = await launchScript(
      host,
      plan,
      // Its late vCPU's INIT waits for a supervisor that is stopped; then all of it is frozen for longer than a stop may take.
      `mkdir -p ${FROZEN}
       /opt/vmm/vmm --hotplug --hold-before-hotplug 1500 > /tmp/late 2>&1 & vmm=$!
       wait_for vcpu /tmp/late
       supervisor=$(supervisors)
       kill -STOP $supervisor; sleep 2.5
       echo $vmm > ${FROZEN}/cgroup.procs; echo 1 > ${FROZEN}/cgroup.freeze
       kill -CONT $supervisor; sleep 13
       echo 0 > ${FROZEN}/cgroup.freeze
       wait $vmm; echo "CODE $?"
       try late cat /tmp/late`,
    )
  })

  it('is never killed, however long it is frozen, and a vCPU that comes late is levelled', () => {
    assert.match(launch.stdout, /^CODE 0$/m)
    assertAllLevelled(attemptNamed(launch, 'late'), 2)
  })
})
