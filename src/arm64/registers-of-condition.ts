import { comparisonsOf, mentionedFeatures, type Condition } from './condition.ts'
import { featureByName } from './feature-registry.ts'

/** The registers that decide whether a condition holds: its own, and those of its features. A name may come more than once. */
export const registersOfCondition = (condition: Condition): readonly string[] => [
  ...comparisonsOf(condition).map(({ register }) => register),
  ...mentionedFeatures(condition).flatMap((name) =>
    (featureByName(name)?.places ?? []).flatMap(({ when, holds }) =>
      [holds, ...(when === undefined ? [] : [when])].flatMap(registersOfCondition),
    ),
  ),
]
