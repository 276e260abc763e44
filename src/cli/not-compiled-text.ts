import { renderFinding } from '../compatibility/render-finding.ts'
import type { CompileResult } from '../profile/compile-result.ts'
import { renderItem } from './render-table.ts'

/** Why there is no plan, in full. */
export const notCompiledText = (result: Exclude<CompileResult, { kind: 'compiled' }>): string =>
  [
    `${result.reason}: ${result.message}`,
    ...('findings' in result ? result.findings.flatMap((one) => renderItem('  - ', renderFinding(one))) : []),
  ].join('\n')
