import type { Condition } from './condition.ts'

const SIGNS = { atLeast: '>=', equals: '==', below: '<' } as const

const joined = (parts: readonly Condition[], word: string): string =>
  parts
    .map((part) =>
      part.kind === 'all' || part.kind === 'any' ? `(${conditionText(part)})` : conditionText(part),
    )
    .join(` ${word} `)

/** A condition in words, as Arm's manual writes it: `ID_AA64ISAR0_EL1.AES >= 2 and FEAT_SHA1`. */
export const conditionText = (condition: Condition): string => {
  switch (condition.kind) {
    case 'feature':
      return condition.name
    case 'not':
      return `not (${conditionText(condition.of)})`
    case 'all':
      return joined(condition.of, 'and')
    case 'any':
      return joined(condition.of, 'or')
    case 'atLeast':
    case 'equals':
    case 'below':
      return `${condition.register}.${condition.field} ${SIGNS[condition.kind]} ${condition.value}`
    default:
      return condition satisfies never
  }
}
