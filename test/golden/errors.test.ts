import { describe, it } from 'node:test'
import { CpuFeaturesError } from '../../src/observability/cpu-features-error.ts'
import { ERROR_CATALOGUE } from '../../src/catalogue/error-codes.ts'
import type { ErrorCode } from '../../src/catalogue/error-codes.ts'
import { assertGolden } from './golden-file.ts'

const CODES = Object.keys(ERROR_CATALOGUE) as ErrorCode[]

describe('an error with a code', () => {
  it('is a sentence and what helps, for every code', () => {
    const entries = CODES.map((code) => {
      const cause = new Error('what the system said')
      const error = new CpuFeaturesError(code, { step: 'start', operands: { address: ':8080' }, cause })
      return { title: `${code} (ends with ${error.exitCode})`, text: `${error.message}\n${error.remedy}` }
    })
    assertGolden('errors.txt', entries)
  })
})
