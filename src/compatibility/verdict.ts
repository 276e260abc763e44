import type { Finding, ToleratedDifference } from '../api/finding.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { hostLimits } from '../profile/host-limits.ts'
import type { FindingReason } from '../profile/finding-reason.ts'
import { hostFindings } from './host-findings.ts'
import { judgedConfiguration } from './judged-configuration.ts'
import { planRegisterFindings } from './register-findings.ts'

/** What a host makes of a plan. `tolerated` names the differences that remain between hosts although it fits. */
export type Verdict =
  | { readonly kind: 'compatible'; readonly tolerated: readonly ToleratedDifference[] }
  | { readonly kind: 'incompatible'; readonly findings: readonly Finding[] }

const registerPart = (plan: Plan, document: HostDocument): readonly Finding[] => {
  const { prediction } = hostLimits(document, judgedConfiguration(plan, document))
  if (prediction !== undefined) return planRegisterFindings(plan, prediction)
  return [
    {
      reason: 'ConfigurationUnknown' satisfies FindingReason,
      remedy: 'probe the host with this version: its report lacks the vCPU features of the plan',
    },
  ]
}

/** Whether a launch under this plan succeeds on this host, or every reason why not. */
export const verdict = (plan: Plan, document: HostDocument): Verdict => {
  const host = hostFindings(plan, document)
  const missing = host.some(({ reason }) => reason === ('VcpuFeatureMissing' satisfies FindingReason))
  // Without a required vCPU feature there is no view to compare the plan with.
  const findings = missing ? host : [...host, ...registerPart(plan, document)]
  return findings.length === 0
    ? { kind: 'compatible', tolerated: plan.tolerated }
    : { kind: 'incompatible', findings }
}
