/** A key of a document that its schema does not know. */
export type UnknownKey = { readonly path: readonly PropertyKey[] }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The keys of `given` that its schema does not know: zod leaves them out as it parses. A mistyped key would count as left out, and a
 * newer version may have meant something by it. `parsed` is what was parsed from `given`, by a schema that changes no key.
 */
export const unknownKeys = (
  given: unknown,
  parsed: unknown,
  path: readonly PropertyKey[] = [],
): readonly UnknownKey[] => {
  if (Array.isArray(given) && Array.isArray(parsed))
    return given.flatMap((item, index) => unknownKeys(item, parsed[index], [...path, index]))
  if (!isObject(given) || !isObject(parsed)) return []
  return Object.keys(given).flatMap((key) =>
    Object.hasOwn(parsed, key)
      ? unknownKeys(given[key], parsed[key], [...path, key])
      : [{ path: [...path, key] }],
  )
}
