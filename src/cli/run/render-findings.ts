import type { PlanFinding } from '../../api/finding.ts'

/** Why a plan cannot be launched at all, in one message. */
export const renderFindings = (source: string, findings: readonly PlanFinding[]): string =>
  [
    `${source} cannot be launched by this version:`,
    ...findings.map(({ reason, register, remedy }) => `  ${reason} ${register ?? ''}: ${remedy}`),
  ].join('\n')
