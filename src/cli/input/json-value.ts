import { InputError } from './input-error.ts'

/** A string and the colon that makes a key of it; strings that are values are passed over whole. */
const STRING = /"(?:[^"\\]|\\.)*"\s*(:?)/gs

const keysIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  const children = Object.values(value)
  const own = Array.isArray(value) ? 0 : children.length
  return children.reduce<number>((sum, child) => sum + keysIn(child), own)
}

const keysWritten = (text: string): number => {
  let count = 0
  for (const [, colon] of text.matchAll(STRING)) if (colon === ':') count += 1
  return count
}

/** JSON's value. `repeats` says that an object has a key twice, of which JSON.parse silently keeps the last. */
export type JsonValue = { readonly value: unknown; readonly repeats: boolean }

// V8's words where a text ends before its value does; elsewhere it says where it met the end.
const ENDS_EARLY = /end of JSON input|Unterminated string/

const breaksOff = (text: string, message: string): boolean =>
  ENDS_EARLY.test(message) || Number(/at position (\d+)/.exec(message)?.[1] ?? -1) >= text.trimEnd().length

/** Parses JSON: undefined if the text is something else. Throws InputError if it is JSON that breaks off. */
export const jsonValue = (text: string, source: string): JsonValue | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return { value, repeats: keysWritten(text) !== keysIn(value) }
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    if (!breaksOff(text, message)) return undefined
    const line = text.trimEnd().split('\n').length
    throw new InputError(
      `${source} breaks off at line ${line}: the end of the JSON is missing; copy the file again`,
    )
  }
}
