import { renderFinding } from '../../compatibility/render-finding.ts'
import type { CompileResult } from '../../profile/compile-result.ts'
import { classRows, CLASS_HEADER } from '../input/named-class.ts'
import type { NamedClass } from '../input/named-class.ts'
import { renderItem, renderTable } from './render-table.ts'

/** Messages name host classes; these lines say which hosts they contain. */
const classLines = (classes: readonly NamedClass[]): readonly string[] =>
  classes.length === 0 ? [] : renderTable(CLASS_HEADER, classRows(classes)).map((line) => `  ${line}`)

/** Why there is no plan, in full; `classes` are those of the hosts for which it was compiled. */
export const notCompiledText = (
  result: Exclude<CompileResult, { kind: 'compiled' }>,
  classes: readonly NamedClass[],
): string =>
  [
    `${result.reason}: ${result.message}`,
    ...(result.kind === 'not-compiled'
      ? [...result.findings.flatMap((one) => renderItem('  - ', renderFinding(one))), ...classLines(classes)]
      : []),
  ].join('\n')
