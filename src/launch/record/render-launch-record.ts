import { refusedPlace } from '../../catalogue/refusal-reasons.ts'
import type { LaunchRefusal } from '../../api/finding.ts'
import { IN_ALL, type LaunchOutcome, type LaunchRecord, type RegisterRecord } from './launch-record.ts'

/** What each outcome means; docs/errors.md shows it. */
export const LAUNCH_OUTCOMES: Readonly<Record<LaunchOutcome, string>> = {
  'no-vm': 'the VMM did not make a VM',
  'not-needed': 'the vCPUs already show the plan, so the supervisor wrote nothing',
  applied: 'the supervisor applied the plan and read it back',
  'partly-applied': 'the supervisor could apply only a part of the plan (BestEffort)',
  verified: 'the supervisor applied the plan, and KVM shows it after the VM has run',
  different: 'KVM shows other values than those that the supervisor wrote',
  refused: 'the supervisor refused the launch',
  'vmm-exited': 'the VMM ended while it made its VM',
  'vmm-frozen':
    'a thread of the VMM did not stop in time, so the supervisor killed the VMM before a VM had run',
  'vmm-traced-by-another':
    "a debugger holds the VMM, or the supervisor has no right to trace it. The VMM's call failed; " +
    'under BestEffort, the VMM continues and is not levelled',
  'process-has-running-vm': 'a VM of this process may already have run, so the supervisor refused another VM',
  'lost-supervisor': 'the supervisor was killed while it held a thread of the VMM, and the VMM died with it',
}

/** Lines a screen has room for: registers beyond are counted. */
const SHOWN_REGISTERS = 16
const SHOWN_REFUSALS = 8

const renderRefusal = (refused: LaunchRefusal): string => {
  const { reason, wanted, shown, cause, remedy } = refused
  const place = refusedPlace(refused)
  const values = [
    ...(wanted === undefined ? [] : [`wanted ${wanted}`]),
    ...(shown === undefined ? [] : [`shown ${shown}`]),
    ...(cause === undefined ? [] : [cause]),
  ].join(', ')
  return `  ${reason}${place === '' ? '' : ` ${place}`}${values === '' ? '' : ` (${values})`}\n    ${remedy}`
}

const renderRegister = ({ register, wanted, before, kept, fields }: RegisterRecord): string => {
  const changes =
    fields.length === 0
      ? `${before} -> ${kept}`
      : fields
          .map(({ field, before: from, kept: to, wanted: want }) =>
            to === want ? `${field} ${from}->${to}` : `${field} ${from}->${to} (wanted ${want})`,
          )
          .join(', ')
  return `  ${wanted === kept ? 'kept   ' : 'REFUSED'} ${register.padEnd(18)} ${changes}`
}

const more = (all: number, shown: number, what: string): string[] =>
  all > shown ? [`  ... and ${all - shown} more ${what}`] : []

/** The outcome in a line, as an event's note has it. */
export const summarizeLaunch = (record: LaunchRecord): string => {
  const { outcome, process, registers, refused, findingsLeftOut = 0 } = record
  const refusals = refused.length + findingsLeftOut
  const counts = `${registers.length} of ${record.planned.length} registers changed, ${refusals} refused`
  const first = refused[0]
  const why =
    first === undefined ? '' : `; first: ${[first.reason, refusedPlace(first)].filter(Boolean).join(' ')}`
  return `${outcome}: ${LAUNCH_OUTCOMES[outcome]}; pid ${process.pid}; ${counts}${why}`
}

/** A launch record for people: at most one screen, no colour. */
export const renderLaunchRecord = (record: LaunchRecord): string => {
  const { registers, refused, findingsLeftOut = 0, calls, verification } = record
  const total = record.steps.find(({ step }) => step === IN_ALL)
  return [
    `cpufeatures: ${LAUNCH_OUTCOMES[record.outcome]} (${record.outcome}, ${record.enforcement})`,
    ...(record.process.pid === 0
      ? []
      : [`process ${record.process.pid}: ${record.process.command.slice(0, 100)}`]),
    `${record.vms} VMs made, ${record.vcpus} vCPUs levelled, ${record.planned.length} registers planned, ${registers.length} changed`,
    ...(record.hidden.length === 0 ? [] : [`hidden from the VMM: ${record.hidden.join(', ')}`]),
    ...registers.slice(0, SHOWN_REGISTERS).map(renderRegister),
    ...more(registers.length, SHOWN_REGISTERS, 'registers'),
    ...(refused.length === 0 ? [] : ['refused:']),
    ...refused.slice(0, SHOWN_REFUSALS).map(renderRefusal),
    ...more(refused.length + findingsLeftOut, Math.min(refused.length, SHOWN_REFUSALS), 'refusals'),
    ...(verification?.different ?? []).map(
      ({ vm, register, wanted, shown }) =>
        `  DIFFERENT ${register} wanted ${wanted}, KVM shows ${shown} (VM ${vm})`,
    ),
    ...(verification === undefined || verification.notShown.length === 0
      ? []
      : [`not shown by debugfs, so not verified: ${verification.notShown.slice(0, 8).join(', ')}`]),
    'calls:',
    ...calls.map(({ call, answer, count }) => `  ${call} ${answer}${count > 1 ? ` (${count}x)` : ''}`),
    ...(total === undefined ? [] : [`${total.microseconds} us in ${total.count} calls`]),
  ].join('\n')
}
