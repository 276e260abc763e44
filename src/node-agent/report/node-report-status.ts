import type { Condition } from '../../api/condition.ts'
import type { HostDocument } from '../../api/host-document.ts'
import { NODE_CONDITIONS, type NodeCpuFeaturesStatus } from '../../api/node-cpu-features.ts'
import { PROBE_REASONS } from '../../catalogue/condition-reasons.ts'
import { cpuName } from '../../arm64/cpu-name.ts'
import { featuresOf } from '../../arm64/feature.ts'
import type { ProbeResult } from '../../discovery/probe-result.ts'
import type { TrialFindings } from '../trials/trial-findings.ts'
import { trialsCondition } from '../trials/trials-condition.ts'

type Found = Pick<Condition, 'status' | 'reason' | 'message'>

const withRemedy = ({ message, remedy }: Exclude<ProbeResult, { kind: 'probed' }>): string =>
  `${message}. ${remedy}`

const probedCondition = (result: ProbeResult): Found => {
  const [reason] = PROBE_REASONS[result.kind]
  return result.kind === 'probed'
    ? { status: 'True', reason, message: 'KVM answered; status.host is what it can show a guest.' }
    : { status: 'False', reason, message: withRemedy(result) }
}

const summaryOf = (host: HostDocument): NonNullable<NodeCpuFeaturesStatus['summary']> => ({
  cpu: cpuName(BigInt(host.cpu.midr)),
  kernel: host.kernel.release,
  features: featuresOf(new Map(Object.entries(host.guestView).map(([name, value]) => [name, BigInt(value)])))
    .length,
})

export type NodeReport = {
  readonly result: ProbeResult
  /** Undefined: this agent applies no profiles. */
  readonly serving: Found | undefined
  /** Undefined: not every live revision has been tried yet. */
  readonly trials: TrialFindings | undefined
}

type TrialPart = {
  readonly conditions: readonly Condition[]
  readonly status: Pick<NodeCpuFeaturesStatus, 'refusedRevisions'>
}

const NO_TRIALS: TrialPart = { conditions: [], status: {} }

/**
 * What an earlier agent, or this one, said of trials: it holds until all revisions have been tried again. A refusal holds over a boot:
 * if it went for some seconds, the labels of the whole class would go to and fro.
 */
const keptTrials = (result: ProbeResult, previous: NodeCpuFeaturesStatus | undefined): TrialPart => {
  if (result.kind !== 'probed' || previous === undefined) return NO_TRIALS
  const { conditions = [], refusedRevisions, host } = previous
  if (host?.kernel.bootID !== result.host.kernel.bootID && refusedRevisions === undefined) return NO_TRIALS
  return {
    conditions: conditions.filter(({ type }) => type === NODE_CONDITIONS.trialsPassed),
    status: refusedRevisions === undefined ? {} : { refusedRevisions },
  }
}

/**
 * The desired status of a node's report. The time of a condition changes only with its status, so an unchanged host produces an equal
 * status (KEP-1623).
 */
export const nodeReportStatus = (
  { result, serving, trials }: NodeReport,
  previous: NodeCpuFeaturesStatus | undefined,
  now: Date,
): NodeCpuFeaturesStatus => {
  const before = previous?.conditions ?? []
  const dated = (type: string, found: Found): Condition => {
    const same = before.find((one) => one.type === type && one.status === found.status)
    return {
      type,
      ...found,
      lastTransitionTime: same?.lastTransitionTime ?? now.toISOString().replace(/\.\d+Z$/, 'Z'),
    }
  }
  const tried: TrialPart =
    trials === undefined || result.kind !== 'probed'
      ? keptTrials(result, previous)
      : {
          conditions: [dated(NODE_CONDITIONS.trialsPassed, trialsCondition(trials))],
          status: trials.refused.length === 0 ? {} : { refusedRevisions: [...trials.refused] },
        }
  const ours: readonly string[] = Object.values(NODE_CONDITIONS)
  return {
    conditions: [
      dated(NODE_CONDITIONS.probed, probedCondition(result)),
      ...tried.conditions,
      ...(serving === undefined ? [] : [dated(NODE_CONDITIONS.serving, serving)]),
      ...before.filter(({ type }) => !ours.includes(type)),
    ],
    ...(result.kind === 'probed' ? { host: result.host, summary: summaryOf(result.host) } : {}),
    ...tried.status,
  }
}
