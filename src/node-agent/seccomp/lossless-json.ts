type ReviverContext = { readonly source?: string }

// ECMAScript's "JSON.parse source text access", which TypeScript's library does not declare yet.
const JSON_WITH_SOURCE = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: ReviverContext) => unknown): unknown
  rawJSON(text: string): unknown
}

/** Parses JSON; an integer that a `number` cannot hold exactly becomes a bigint. Throws a SyntaxError. */
export const parseLossless = (text: string): unknown =>
  JSON_WITH_SOURCE.parse(text, (_key, value, { source }) =>
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    source !== undefined &&
    /^-?\d+$/.test(source)
      ? BigInt(source)
      : value,
  )

/** Writes JSON, bigints as integers. */
export const writeLossless = (value: unknown): string =>
  JSON.stringify(
    value,
    (_key, part: unknown) => (typeof part === 'bigint' ? JSON_WITH_SOURCE.rawJSON(String(part)) : part),
    1,
  ) + '\n'
