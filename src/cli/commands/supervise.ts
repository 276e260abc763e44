import { renameSync, writeFileSync, writeSync } from 'node:fs'
import { Command } from 'commander'
import { setTimerSlack } from '../../linux/process/prctl.ffi.ts'
import type { LaunchRecord } from '../../launch/decide/launch-record.ts'
import { launchPolicy } from '../../launch/decide/launch-policy.ts'
import { LineReader, sendLine } from '../../launch/line-pipe.ts'
import { renderLaunchRecord } from '../../launch/render-launch-record.ts'
import { SUPERVISOR_FDS } from '../../launch/start-supervisor.ts'
import { superviseLaunch, type LaunchMoment } from '../../launch/supervise-launch.ts'
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

/** Serves the launcher that started this process: its pipes are fds 3 and 4. */
const supervise = async (): Promise<number> => {
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
  // Holds no file system of the launcher's.
  process.chdir('/')
  setTimerSlack(1)
  const pending = new Set<Promise<void>>()
  await superviseLaunch(taken.listener, policy.policy, { tell: teller(order.data, pending), pending })
  await Promise.allSettled(pending)
  return 0
}

/** The hidden verb that `run` starts beside the VMM. */
export const superviseCommand = (): Command =>
  new Command('supervise')
    .description('serves one launch; started by run, never by a person')
    .action(async () => {
      process.exitCode = await supervise()
    })
