import { renameSync, writeFileSync, writeSync } from 'node:fs'
import { Command } from 'commander'
import { z } from 'zod'
import { setTimerSlack } from '../../linux/process/prctl.ffi.ts'
import type { LaunchRecord } from '../../launch/decide/launch-record.ts'
import { LaunchSession, type LaunchMoment, type SessionStart } from '../../launch/act/launch-session.ts'
import { Supervisor } from '../../launch/act/supervisor.ts'
import { inheritListener, interruptWaitingCalls, isAlive } from '../../launch/act/take-over.ts'
import { launchPolicy } from '../../launch/decide/launch-policy.ts'
import { LaunchRecorder } from '../../launch/decide/launch-recorder.ts'
import { refusal } from '../../launch/decide/refusal.ts'
import { launchState } from '../../launch/launch-state.ts'
import { readFixed, readMarks, readSaved, saveFixed } from '../../launch/saved-state.ts'
import { sessionMemory } from '../../launch/session-memory.ts'
import { LineReader, sendLine } from '../../launch/line-pipe.ts'
import { renderLaunchRecord } from '../../launch/render-launch-record.ts'
import { SUPERVISOR_FDS } from '../../launch/start-supervisor.ts'
import { superviseLaunches } from '../../launch/supervise-launches.ts'
import { listenerOffer } from '../../launch/supervisor-messages.ts'
import { takeListener } from '../../launch/take-listener.ts'
import { closeFd } from '../../linux/process/close.ffi.ts'
import { supervisorOrder, type SupervisorOrder } from './supervise-order.ts'

const say = (message: string): void => {
  try {
    writeSync(2, `${message}\n`)
  } catch {
    // The VMM's stderr may be closed, or a pipe nobody reads; the record file has it all.
  }
}

const writeRecord = (file: string, record: LaunchRecord): void => {
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`)
    renameSync(`${file}.new`, file)
  } catch (error) {
    say(`cpufeatures: the launch record could not be written: ${String(error)}`)
  }
}

/** Tells each moment where the order says; what is reported to the cluster is under way in `pending`. */
const teller = (order: SupervisorOrder, pending: Set<Promise<void>>) => {
  let told = ''
  const report = (record: LaunchRecord): void => {
    if (order.report === undefined) return
    const { report: where } = order
    const sent: Promise<void> = import('./supervise-report.ts')
      .then(({ reportLaunch }) => reportLaunch(where, record))
      .catch((error: unknown) => {
        say(`cpufeatures: the launch could not be reported: ${String(error)}`)
      })
      .finally(() => pending.delete(sent))
    pending.add(sent)
  }
  return (moment: LaunchMoment, record: LaunchRecord): void => {
    if (order.recordFile !== undefined) writeRecord(order.recordFile, record)
    const isNews = record.outcome !== told && record.outcome !== 'no-vm'
    if (!isNews && !(moment === 'refused')) return
    told = record.outcome
    if (!order.quiet) say(renderLaunchRecord(record))
    report(record)
  }
}

/** What is saved for a successor: the order, which never changes, and what is known of the launch. */
const supervisorState = z.object({ order: supervisorOrder, launch: launchState })

/** A session from here on: our own process, and what is told to whom. Returns when no task of the filter is left. */
const serve = async (
  order: SupervisorOrder,
  start: Pick<SessionStart, 'listener' | 'policy' | 'state' | 'interrupted'>,
): Promise<void> => {
  // Holds no file system of the launcher's.
  process.chdir('/')
  setTimerSlack(1)
  saveFixed(SUPERVISOR_FDS.state, order)
  const pending = new Set<Promise<void>>()
  const supervisor = new Supervisor()
  const memory = sessionMemory(SUPERVISOR_FDS.state)
  supervisor.add(new LaunchSession({ ...start, memory, tell: teller(order, pending) }))
  await superviseLaunches(supervisor, pending, () => supervisor.sessions.size === 0)
  await Promise.allSettled(pending)
}

/** Serves the launcher that started this process: its pipes are fds 3 and 4. */
const superviseLauncher = async (): Promise<number> => {
  const input = new LineReader(SUPERVISOR_FDS.input)
  // Nobody reads where the launcher has failed, and said why itself.
  if (!sendLine(SUPERVISOR_FDS.output, { pid: process.pid })) return 0
  const order = supervisorOrder.safeParse(input.receive(-1))
  if (!order.success) return 0
  const offer = listenerOffer.safeParse(input.receive(-1))
  if (!offer.success) return 0
  const policy = launchPolicy(order.data.plan)
  const taken = takeListener(offer.data.pid, offer.data.listener)
  if (taken.kind === 'failed' || policy.kind === 'unusable') {
    const error = taken.kind === 'failed' ? taken.message : 'the plan cannot be launched'
    sendLine(SUPERVISOR_FDS.output, { error })
    return 1
  }
  if (!sendLine(SUPERVISOR_FDS.output, {})) return 0
  closeFd(SUPERVISOR_FDS.input)
  closeFd(SUPERVISOR_FDS.output)
  await serve(order.data, { listener: taken.listener, policy: policy.policy })
  return 0
}

/** The VMM has ended, or died with the supervisor that held it: said by its successor, for the dead cannot. */
const tellEnd = (order: SupervisorOrder, recorder: LaunchRecorder): void => {
  for (const pid of readMarks(SUPERVISOR_FDS.state).filter((held) => !isAlive(held)))
    recorder.addFindings([refusal({ reason: 'LostSupervisor', limit: `pid ${pid}` })], true)
  teller(order, new Set())('ended', recorder.record())
}

/** Takes over from a supervisor that was killed. */
const takeOver = async ({ order, launch }: z.infer<typeof supervisorState>): Promise<number> => {
  const policy = launchPolicy(order.plan)
  if (policy.kind === 'unusable') return 1
  const listener = inheritListener(launch.processes)
  if (listener === undefined) {
    tellEnd(order, new LaunchRecorder(policy.policy, launch.recorder))
    return 0
  }
  const interrupted = interruptWaitingCalls(launch.processes)
  await serve(order, { listener, policy: policy.policy, state: launch, interrupted })
  return 0
}

const supervise = (): Promise<number> => {
  const { state } = SUPERVISOR_FDS
  const saved = supervisorState.safeParse({ order: readFixed(state), launch: readSaved(state) })
  return saved.success ? takeOver(saved.data) : superviseLauncher()
}

/** The hidden verb that `run` starts beside the VMM. */
export const superviseCommand = (): Command =>
  new Command('supervise')
    .description('serves one launch; started by run, never by a person')
    .action(async () => {
      process.exitCode = await supervise()
    })
