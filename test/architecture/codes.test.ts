import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { REFUSAL_REMEDIES } from '../../src/catalogue/refusal-reasons.ts'
import { ERROR_CATALOGUE } from '../../src/catalogue/error-codes.ts'
import { PLAN_REASONS } from '../../src/catalogue/plan-reasons.ts'
import { REACH_REASONS } from '../../src/catalogue/reach-reasons.ts'
import { PROFILE_PROBLEMS } from '../../src/catalogue/profile-problems.ts'
import { productFiles } from './source-files.ts'

/** Each table of codes that users read, by the file that it is in. */
const TABLES: readonly (readonly [file: string, codes: readonly string[]])[] = [
  ['src/catalogue/error-codes.ts', Object.keys(ERROR_CATALOGUE)],
  ['src/catalogue/refusal-reasons.ts', Object.keys(REFUSAL_REMEDIES)],
  ['src/catalogue/plan-reasons.ts', Object.keys(PLAN_REASONS)],
  ['src/catalogue/reach-reasons.ts', Object.keys(REACH_REASONS)],
  ['src/catalogue/profile-problems.ts', Object.keys(PROFILE_PROBLEMS)],
]

describe('codes', () => {
  for (const [file, codes] of TABLES)
    it(`every one of ${file} is said somewhere`, () => {
      const others = productFiles().filter(({ path }) => path !== file)
      const unsaid = codes.filter((code) => !others.some(({ text }) => text.includes(`'${code}'`)))
      assert.deepEqual(unsaid, [])
    })
})
