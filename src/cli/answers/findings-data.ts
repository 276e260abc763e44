import type { Finding } from '../../api/finding.ts'
import { renderFinding } from '../../compatibility/render-finding.ts'

/** Findings as data for programs: each with its sentence. */
export const findingsData = <F extends Finding>(
  findings: readonly F[],
): readonly (F & { message: string })[] =>
  findings.map((finding) => ({ ...finding, message: renderFinding(finding) }))
