import { fieldName } from './field-ref.ts'
import type { Condition } from './condition.ts'
import { versionName } from './version-name.ts'

const SIGNS = { atLeast: '>=', equals: '==', below: '<' } as const

/** Parts of another kind are put in parentheses; those of the same kind read on. */
const joined = ({ kind, of }: Extract<Condition, { kind: 'all' | 'any' }>): string =>
  of
    .map((part) =>
      (part.kind === 'all' || part.kind === 'any') && part.kind !== kind
        ? `(${conditionText(part)})`
        : conditionText(part),
    )
    .join(kind === 'all' ? ' and ' : ' or ')

/** A condition in words, as Arm's manual writes it: `ID_AA64ISAR0_EL1.AES >= 2 and FEAT_SHA1`. */
export const conditionText = (condition: Condition): string => {
  switch (condition.kind) {
    case 'feature':
      return versionName(condition.name)
    case 'not':
      return `not (${conditionText(condition.of)})`
    case 'all':
    case 'any':
      return joined(condition)
    case 'atLeast':
    case 'equals':
    case 'below':
      return `${fieldName(condition)} ${SIGNS[condition.kind]} ${condition.value}`
    default:
      return condition satisfies never
  }
}
