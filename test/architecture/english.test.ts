import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ROOT, sourceFiles } from './source-files.ts'

/** Phrases that stop a reader, and what to write instead; CONTRIBUTING has the guide, with these as its bad examples. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/(?<!there )\bis no (?!longer|more|other|slower)[a-z]+ /i, 'negate the verb: "is not a"'],
  [/\bshall\b/, 'must, may, can or should'],
  [/what came of/, 'the result of'],
  [/\blet (be|make|have|do|go on)\b/, 'name who may do it'],
  [/the least that/, 'the lower bound, or the fewest'],
]

const SELF = 'test/architecture/english.test.ts'

const texts = (): { path: string; text: string }[] => [
  ...[...sourceFiles('src'), ...sourceFiles('test'), ...sourceFiles('scripts')].filter(
    ({ path }) => path !== SELF,
  ),
  ...globSync(['*.md', 'docs/**/*.md', 'facts/*.md', 'deploy/**/*.yaml', 'crds/*.yaml'], { cwd: ROOT })
    .filter((path) => path !== 'CONTRIBUTING.md')
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })),
]

describe('English', () => {
  it('has none of the phrases that stop a reader', () => {
    const found = texts().flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) =>
          PHRASES.filter(([phrase]) => phrase.test(line)).map(
            ([phrase, instead]) =>
              `${path}:${String(index + 1)}: "${phrase.exec(line)?.[0] ?? ''}"; write ${instead}`,
          ),
        ),
    )
    assert.deepEqual(found, [])
  })
})
