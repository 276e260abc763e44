import type * as z from 'zod'

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

/** What is wrong at one place of a value, for its writer: a key that is missing is said to be so. */
export const schemaProblem = (issue: z.core.$ZodIssue, value: unknown): string => {
  if (valueAt(value, issue.path) !== undefined) return issue.message
  if (issue.code !== 'invalid_type') return 'is missing'
  return `is missing; it must be ${A[issue.expected] ?? `a ${issue.expected}`}`
}
