import type { Finding } from '../../api/finding.ts'
import { renderFinding } from '../../compatibility/render-finding.ts'

/** Findings as programs read them: each with its sentence. */
export const findingsData = (findings: readonly Finding[]): readonly (Finding & { message: string })[] =>
  findings.map((finding) => ({ ...finding, message: renderFinding(finding) }))
