import { comparisonsOf, operandField } from './condition.ts'
import type { Comparison } from './condition.ts'
import { FEATURES } from './feature-registry.ts'
import type { FieldRef } from './field-ref.ts'
import { signedValue } from './field.ts'

type Mention = { readonly feature: string; readonly comparison: Comparison }

const mentions = Map.groupBy(
  FEATURES.flatMap(({ name, places }) =>
    places.flatMap(({ holds }) =>
      comparisonsOf(holds).map((comparison): Mention => ({ feature: name, comparison })),
    ),
  ),
  ({ comparison }) => `${comparison.register}.${comparison.field.toLowerCase()}`,
)

const mentionsOf = ({ register, field }: FieldRef): readonly Mention[] =>
  mentions.get(`${register}.${field.name.toLowerCase()}`) ?? []

const names = (found: readonly Mention[]): readonly string[] =>
  [...new Set(found.map(({ feature }) => feature))].sort()

/** The FEAT_ names that a field says something of, sorted; empty for fields that are numbers. */
export const featuresOfField = (ref: FieldRef): readonly string[] => names(mentionsOf(ref))

/** The FEAT_ names that some of these raw values say are there and others that they are not, sorted. */
export const featuresBetween = (ref: FieldRef, values: readonly number[]): readonly string[] =>
  names(
    mentionsOf(ref).filter(({ comparison }) => {
      const meanings = values.map((raw) => signedValue(operandField(comparison), raw))
      return comparison.value > Math.min(...meanings) && comparison.value <= Math.max(...meanings)
    }),
  )
