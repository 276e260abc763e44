import { comparisonsOf } from '../arm64/condition.ts'
import { FEATURES } from '../arm64/feature-registry.ts'

const byField = new Map<string, Set<string>>()
for (const { name, places } of FEATURES) {
  for (const { register, field } of places.flatMap(({ holds }) => comparisonsOf(holds))) {
    const key = `${register}.${field.toLowerCase()}`
    byField.set(key, (byField.get(key) ?? new Set()).add(name))
  }
}

/** The FEAT_ names that a field says something of, sorted; empty for fields that are numbers. */
export const featuresOfField = (register: string, field: string): readonly string[] =>
  [...(byField.get(`${register}.${field.toLowerCase()}`) ?? [])].sort()
