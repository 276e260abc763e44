import type { Condition } from '../../api/condition.ts'
import type { HostDocument } from '../../api/host-document.ts'
import { NODE_CONDITIONS, type NodeCpuFeaturesStatus } from '../../api/node-cpu-features.ts'
import { PROBE_REASONS } from '../../catalogue/condition-reasons.ts'
import { cpuName } from '../../arm64/cpu-name.ts'
import { featuresOf } from '../../arm64/feature.ts'
import type { ProbeResult } from '../../discovery/probe-result.ts'

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
}

/**
 * The desired status of a node's report. It keeps the parts of other writers (trials of revisions). The time of a condition
 * changes only with its status, so an unchanged host produces an equal status (KEP-1623).
 */
export const nodeReportStatus = (
  { result, serving }: NodeReport,
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
  const ours: readonly string[] = Object.values(NODE_CONDITIONS)
  return {
    conditions: [
      dated(NODE_CONDITIONS.probed, probedCondition(result)),
      ...(serving === undefined ? [] : [dated(NODE_CONDITIONS.serving, serving)]),
      ...before.filter(({ type }) => !ours.includes(type)),
    ],
    ...(result.kind === 'probed' ? { host: result.host, summary: summaryOf(result.host) } : {}),
    ...(previous?.revisions === undefined ? {} : { revisions: previous.revisions }),
  }
}
