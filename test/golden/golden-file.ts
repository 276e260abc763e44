import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'

/** One message and what it is the answer to. */
export type GoldenEntry = { readonly title: string; readonly text: string }

/**
 * Compares messages with the file of this name beside this one, so that a reviewer reads every change of them.
 * UPDATE_GOLDEN=1 writes the file instead.
 */
export const assertGolden = (name: string, entries: readonly GoldenEntry[]): void => {
  const file = new URL(name, import.meta.url)
  const text = entries.map((entry) => `== ${entry.title}\n${entry.text.trimEnd()}\n`).join('\n')
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text)
  assert.equal(text, readFileSync(file, 'utf8'))
}
