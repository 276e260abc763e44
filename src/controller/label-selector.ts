import type { LabelSelector } from '../api/cpu-feature-profile.ts'

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number]

const holds = ({ key, operator, values = [] }: Requirement, labels: Readonly<Record<string, string>>) => {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return operator satisfies never
  }
}

/** Whether labels match a selector, as `apimachinery/pkg/labels` has it: every requirement, and {} matches all. */
export const matchesSelector = (selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
  (selector.matchExpressions ?? []).every((one) => holds(one, labels))

/** Whether a selector matches every node there is. */
export const selectsAll = (selector: LabelSelector): boolean =>
  Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
