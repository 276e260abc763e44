import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { REFUSAL_REMEDIES } from '../../src/launch/record/refusal.ts'
import { ERROR_CATALOGUE } from '../../src/observability/error-catalogue.ts'
import { PLAN_REASONS, REACH_REASONS } from '../../src/plan/finding-reason.ts'
import { productFiles } from './source-files.ts'

/** Each table of codes that users read, by the file that it is in. */
const TABLES: readonly (readonly [file: string, codes: readonly string[]])[] = [
  ['src/observability/error-catalogue.ts', Object.keys(ERROR_CATALOGUE)],
  ['src/launch/record/refusal.ts', Object.keys(REFUSAL_REMEDIES)],
  ['src/plan/finding-reason.ts', [...Object.keys(PLAN_REASONS), ...Object.keys(REACH_REASONS)]],
]

describe('codes', () => {
  for (const [file, codes] of TABLES)
    it(`every one of ${file} is said somewhere`, () => {
      const others = productFiles().filter(({ path }) => path !== file)
      const unsaid = codes.filter((code) => !others.some(({ text }) => text.includes(`'${code}'`)))
      assert.deepEqual(unsaid, [])
    })
})
