import { cell, readTsv } from './read-tsv.ts'

/** The text of `src/arm64/feature-spelling-table.generated.ts`. */
export const featureSpellingTable = (): string => {
  const lines = readTsv('feature_spellings').map((row) => {
    const features = cell(row, 'features')
    return JSON.stringify([cell(row, 'spelling'), features === '-' ? [] : features.split(',')])
  })
  return `/** What programs and people call features: the spelling, and all the features it stands for. */
export const FEATURE_SPELLING_TABLE: readonly (readonly [spelling: string, features: readonly string[]])[] = [
${lines.map((line) => `  ${line},`).join('\n')}
]
`
}
