import type { LaunchMoment } from '../launch/act/launch-session.ts'
import type { LaunchRecord } from '../launch/record/launch-record.ts'
import { renderLaunchRecord } from '../launch/record/render-launch-record.ts'
import { writeNow } from '../linux/process/write-now.ffi.ts'
import { latestOnly } from './latest-only.ts'
import type { LaunchReport, SupervisorOrder } from './supervisor-order.ts'
import { writeWhole } from './whole-file.ts'

/** Prints lines for people. */
export type Say = (message: string) => void

/**
 * Writes to this fd without blocking. If the fd is closed, or a full pipe that nobody reads, the text is dropped: no VMM waits for a
 * reader of ours, and the record file has everything.
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

/** Writes a file whole or not at all; prints a message if it cannot. */
export const writeOrSay = (file: string, text: string, say: Say): void => {
  try {
    writeWhole(file, text)
  } catch (error) {
    say(`cpufeatures: ${file} could not be written: ${String(error)}`)
  }
}

/** Reports a launch to the cluster that its order names. Rejects if that fails. */
export type ReportLaunch = (where: LaunchReport, record: LaunchRecord) => Promise<void>

/** Where to report besides what the order asks for. `pending` collects the reports in progress. */
export type Telling = {
  readonly say: Say
  readonly pending: Set<Promise<void>>
  readonly reportLaunch: ReportLaunch
  /** Called for each outcome of a launch; `isFirst`: it is the first one. */
  readonly onOutcome?: (record: LaunchRecord, isFirst: boolean) => void
}

/**
 * Reports each moment of a launch where its order says: in the record's file, to people, to the cluster. Where the cluster is slower than
 * the launch, it gets the last of several records.
 */
export const sessionTeller = (order: SupervisorOrder, { say, pending, onOutcome, reportLaunch }: Telling) => {
  let told = ''
  const { report: where } = order
  const report =
    where === undefined
      ? undefined
      : latestOnly(async (record: LaunchRecord) => {
          try {
            await reportLaunch(where, record)
          } catch (error) {
            say(`cpufeatures: the launch could not be reported: ${String(error)}`)
          }
        }, pending)
  return (moment: LaunchMoment, record: LaunchRecord): void => {
    if (order.recordFile !== undefined)
      writeOrSay(order.recordFile, `${JSON.stringify(record, null, 2)}\n`, say)
    const isNews = record.outcome !== told && record.outcome !== 'no-vm'
    if (isNews) onOutcome?.(record, told === '')
    if (!isNews && moment !== 'refused') return
    told = record.outcome
    if (!order.quiet) say(renderLaunchRecord(record))
    report?.(record)
  }
}
