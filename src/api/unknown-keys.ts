const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/**
 * The paths (`vcpuFeatures.sme`) of what a document says and its schema does not know: zod leaves out such keys as it parses, and a
 * newer version may have meant something by them. `parsed` is what was parsed from `document`, by a schema that changes no key.
 */
export const unknownKeys = (document: unknown, parsed: unknown): string[] => {
  if (!isObject(document)) return []
  const known = isObject(parsed) ? parsed : {}
  return Object.entries(document).flatMap(([key, value]) =>
    key in known ? unknownKeys(value, known[key]).map((path) => `${key}.${path}`) : [key],
  )
}
