import type { LaunchMoment } from '../launch/act/launch-session.ts'
import type { LaunchRecord } from '../launch/record/launch-record.ts'
import { renderLaunchRecord } from '../launch/record/render-launch-record.ts'
import { writeNow } from '../linux/process/write-now.ffi.ts'
import type { LaunchReport, SupervisorOrder } from './supervisor-order.ts'
import { writeWhole } from './whole-file.ts'

/** Says something to people, in lines. */
export type Say = (message: string) => void

/**
 * Says it on this fd, at once. Where that is closed, or a pipe that is full for nobody reads it, it stays unsaid: VMMs wait for no reader
 * of ours, and the record file has it all.
 */
export const sayOn =
  (fd: number): Say =>
  (message) => {
    try {
      writeNow(fd, Buffer.from(`${message}\n`))
    } catch {
      // There is no such fd.
    }
  }

/** Writes a file whole or not at all; says so where it cannot. */
export const writeOrSay = (file: string, text: string, say: Say): void => {
  try {
    writeWhole(file, text)
  } catch (error) {
    say(`cpufeatures: ${file} could not be written: ${String(error)}`)
  }
}

/** Reports a launch where its order says: to a cluster. Rejects where that could not be done. */
export type ReportLaunch = (where: LaunchReport, record: LaunchRecord) => Promise<void>

/** What is told beside the order's own wishes. `pending` takes what is under way. */
export type Telling = {
  readonly say: Say
  readonly pending: Set<Promise<void>>
  readonly reportLaunch: ReportLaunch
  /** Of each outcome that a launch comes to; `isFirst`: its first. */
  readonly onOutcome?: (record: LaunchRecord, isFirst: boolean) => void
}

/** Tells each moment of a launch where its order says: its record's file, people, the cluster. */
export const sessionTeller = (order: SupervisorOrder, { say, pending, onOutcome, reportLaunch }: Telling) => {
  let told = ''
  const report = (record: LaunchRecord): void => {
    if (order.report === undefined) return
    const sent: Promise<void> = reportLaunch(order.report, record)
      .catch((error: unknown) => {
        say(`cpufeatures: the launch could not be reported: ${String(error)}`)
      })
      .finally(() => pending.delete(sent))
    pending.add(sent)
  }
  return (moment: LaunchMoment, record: LaunchRecord): void => {
    if (order.recordFile !== undefined)
      writeOrSay(order.recordFile, `${JSON.stringify(record, null, 2)}\n`, say)
    const isNews = record.outcome !== told && record.outcome !== 'no-vm'
    if (isNews) onOutcome?.(record, told === '')
    if (!isNews && moment !== 'refused') return
    told = record.outcome
    if (!order.quiet) say(renderLaunchRecord(record))
    report(record)
  }
}
