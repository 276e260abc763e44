import type { PlanFinding, ToleratedDifference } from '../api/finding.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { hostLimits } from '../profile/baseline/host-limits.ts'
import { toleratedFindings } from './tolerated-findings.ts'
import { isUnknownFit, planFinding } from '../catalogue/plan-reasons.ts'
import { givesVcpuFeature, isKernelTooOld } from '../prediction/told-of-host.ts'
import { requiredVcpuFeatures } from '../profile/spec/vcpu-policies.ts'
import { readPlan, type ResolvedPlan, type UnknownName } from '../plan/read-plan.ts'
import { TAG_LINE, readsAnotherTagLine } from '../plan/untrapped.ts'
import { hostFindings } from './host-findings.ts'
import { judgedConfiguration } from './judged-configuration.ts'
import { legalityFindings } from './legality-findings.ts'
import { planRegisterFindings } from './register-findings.ts'
import { requiredFindings } from './required-findings.ts'

/** Whether a host fits a plan. `tolerated` names the differences that remain between hosts although this one fits. */
export type Verdict =
  | { readonly kind: 'compatible'; readonly tolerated: readonly ToleratedDifference[] }
  | { readonly kind: 'incompatible'; readonly findings: readonly PlanFinding[] }
  /** Nothing that is known speaks against the plan; the host document does not tell everything that decides. */
  | { readonly kind: 'unknown'; readonly findings: readonly PlanFinding[] }

const registerPart = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] => {
  const { prediction } = hostLimits(document, judgedConfiguration(plan, document))
  if (prediction !== undefined)
    return [
      ...planRegisterFindings(plan, prediction),
      ...toleratedFindings(plan, prediction),
      ...requiredFindings(plan, prediction),
      ...legalityFindings(plan, prediction),
    ]
  return [planFinding('ConfigurationUnknown', {})]
}

/** Why a plan that names what this version does not know fits no host. */
const unknownNameFindings = (names: readonly UnknownName[]): readonly PlanFinding[] =>
  names.map((name) => planFinding('UnknownRegister', 'feature' in name ? { wanted: name.feature } : name))

/** The differences that the plan tolerates, and CTR_EL0.TminLine if guests read another one than the plan specifies. */
const toleratedOn = (plan: ResolvedPlan, document: HostDocument): readonly ToleratedDifference[] => {
  const tolerated = plan.tolerated.map(({ difference }) => difference)
  const { register, field } = TAG_LINE
  return readsAnotherTagLine(plan, document)
    ? [...tolerated, { register, field: field.name, kind: 'Inert' }]
    : tolerated
}

const judge = (plan: ResolvedPlan, document: HostDocument): Verdict => {
  const host = hostFindings(plan, document)
  // Without a required vCPU feature there is no view to compare the plan with.
  const hasView =
    !isKernelTooOld(document) &&
    requiredVcpuFeatures(plan.vcpuFeatures).every((feature) => givesVcpuFeature(document, feature) === 'yes')
  const findings = hasView ? [...host, ...registerPart(plan, document)] : host
  if (findings.length === 0) return { kind: 'compatible', tolerated: toleratedOn(plan, document) }
  return { kind: findings.every(isUnknownFit) ? 'unknown' : 'incompatible', findings }
}

/** Whether a launch under this plan succeeds on this host, or every reason why not. */
export const verdict = (plan: Plan, document: HostDocument): Verdict => {
  const read = readPlan(plan)
  return read.kind === 'unknown'
    ? { kind: 'incompatible', findings: unknownNameFindings(read.names) }
    : judge(read.plan, document)
}
