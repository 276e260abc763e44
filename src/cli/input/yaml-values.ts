import { LineCounter, parseAllDocuments } from 'yaml'
import type { Document, YAMLParseError } from 'yaml'
import { InputError } from './input-error.ts'

const yamlProblem = (
  source: string,
  { code, message }: Pick<YAMLParseError, 'code' | 'message'>,
): InputError => {
  const [said = ''] = message.split('\n')
  const place = said.replace(/:$/, '')
  return code === 'DUPLICATE_KEY'
    ? new InputError(
        `${source} has the same key twice: ${place.replace('Map keys must be unique', 'the second one is')}`,
      )
    : new InputError(`${source} is not YAML: ${place}`)
}

/** Throws InputError for aliases of aliases that would fill the memory, which the YAML parser counts. */
const valueOf = (document: Document.Parsed, source: string): unknown => {
  try {
    return document.toJS()
  } catch (error) {
    throw new InputError(
      `${source} is not YAML that can be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/**
 * The values of the documents in YAML, and so in JSON. `exact` gives integers as bigint: 64 bits do not fit a number. Throws
 * InputError for what is none, and for a key that is twice in one object.
 */
export const yamlValues = (text: string, source: string, { exact = false } = {}): readonly unknown[] =>
  parseAllDocuments(text, { lineCounter: new LineCounter(), intAsBigInt: exact })
    .filter((document) => document.contents !== null)
    .map((document): unknown => {
      const [error] = document.errors
      if (error !== undefined) throw yamlProblem(source, error)
      return valueOf(document, source)
    })
