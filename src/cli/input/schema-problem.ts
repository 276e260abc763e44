import type * as z from 'zod'
import { keysAt } from './schema-place.ts'

/** The value at a path; undefined if something on the way is not there. */
const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )

const A: Readonly<Record<string, string>> = {
  array: 'a list',
  record: 'an object',
  object: 'an object',
  int: 'a whole number',
}

const mustBe = (expected: string, keys: readonly string[]): string =>
  `must be ${A[expected] ?? `a ${expected}`}${keys.length === 0 ? '' : ` with the keys ${keys.join(', ')}`}`

/**
 * What is wrong at one place of a value, for its writer, who learns what belongs there: a key that is missing is said to be so, and an
 * object shows its keys.
 */
export const schemaProblem = (issue: z.core.$ZodIssue, value: unknown, schema: z.core.$ZodType): string => {
  const given = valueAt(value, issue.path)
  if (issue.code !== 'invalid_type') return given === undefined ? 'is missing' : issue.message
  const keys = keysAt(schema, issue.path)
  if (given === undefined) return `is missing; it ${mustBe(issue.expected, keys)}`
  return keys.length === 0 ? issue.message : mustBe(issue.expected, keys)
}
