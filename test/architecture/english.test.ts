import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { sentencesOf, wordsIn } from './sentences.ts'
import { ROOT, sourceFiles } from './source-files.ts'

/** Phrases that stop a reader, and what to write instead; CONTRIBUTING has the guide, with these as its bad examples. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/(?<!there )\bis no (?!longer|more|other|slower)[a-z]+ /i, 'negate the verb: "is not a"'],
  [/\bshall\b/, 'must, may, can or should'],
  [/what came of/, 'the result of'],
  [/\blet (be|make|have|do|go on)\b/, 'name who may do it'],
  [/the least that/, 'the lower bound, or the fewest'],
]

/** A sentence with more words has two ideas, or a list that should be one. */
const MOST_WORDS = 30

/** Pages in which every sentence was judged by a reader. */
const PAGES = [
  'README.md',
  ...['cli', 'concepts', 'errors', 'faults', 'launch', 'metrics', 'node', 'prediction', 'security'].map(
    (name) => `docs/${name}.md`,
  ),
  ...['break-glass', 'install', 'kubevirt'].map((name) => `docs/how-to/${name}.md`),
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

  it('says one thing in each sentence of the pages and the help', () => {
    const long = PAGES.flatMap((path) =>
      sentencesOf(readFileSync(join(ROOT, path), 'utf8'))
        .filter(({ text }) => wordsIn(text) > MOST_WORDS)
        .map(({ line, text }) => `${path}:${String(line)}: ${String(wordsIn(text))} words: ${text}`),
    )
    assert.deepEqual(long, [])
  })

  it('is counted in sentences of paragraphs, items, cells and help, and not of commands', () => {
    const page = [
      '# A title',
      'One two. Three',
      'four (`five.`) Six!',
      '',
      '- an item. Its second sentence',
      '| a cell | x |',
      '| --- | --- |',
      '```sh',
      'a command. Another',
      '```',
      '```text',
      'Help of a verb.',
      '',
      'Options:',
      '  --all  of them. All',
      '```',
    ].join('\n')
    assert.deepEqual(
      sentencesOf(page).map(({ line, text }) => `${String(line)} ${text}`),
      [
        '2 One two.',
        '2 Three four (`five.`)',
        '2 Six!',
        '5 an item.',
        '5 Its second sentence',
        '6 a cell',
        '6 x',
        '12 Help of a verb.',
      ],
    )
    assert.equal(wordsIn('one – two -> 3'), 3)
  })
})
