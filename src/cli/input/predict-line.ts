import * as z from 'zod'
import { toHex64 } from '../../api/hex64.ts'
import { VCPU_FEATURES } from '../../api/vcpu-feature.ts'
import { FEATURE_ID_REGISTERS } from '../../arm64/register.ts'
import { registerBySpelling } from '../../arm64/register-spelling.ts'
import { schemaProblem } from './schema-problem.ts'
import type { CaseAnswer } from '../../prediction/case-answer.ts'
import type { WriteCase } from '../../prediction/write-case.ts'
import { nearestNames } from '../../profile/spec/nearest-names.ts'

const NAMES = FEATURE_ID_REGISTERS.map(({ name }) => name)

const caseLine = z.looseObject({
  register: z.string(),
  value: z.string().regex(/^0x[0-9a-f]{1,16}$/i, 'must be a 64-bit value as "0x..."'),
  vcpuFeatures: z.array(z.enum(VCPU_FEATURES)).default([]),
  implementationId: z.boolean().default(false),
})

/** A line of the input: its case together with the object, which the answer repeats; or the mistake in it. */
export type ParsedLine =
  | { readonly kind: 'case'; readonly given: object; readonly case: WriteCase }
  | { readonly kind: 'error'; readonly message: string }

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const wrong = (message: string): ParsedLine => ({ kind: 'error', message })

/** Reads one line of cases: a JSON object with `register`, `value` and, unless the vCPU is plain, its configuration. */
export const parsePredictLine = (text: string): ParsedLine => {
  const json = jsonOf(text)
  if (typeof json !== 'object' || json === null)
    return wrong('not a JSON object; give one per line: {"register":"ID_AA64ISAR0_EL1","value":"0x0"}')
  const result = caseLine.safeParse(json)
  if (!result.success) {
    const [issue] = result.error.issues
    return wrong(
      issue === undefined ? 'wrong' : `${issue.path.join('.')}: ${schemaProblem(issue, json, caseLine)}`,
    )
  }
  const { register: name, value, vcpuFeatures, implementationId } = result.data
  const register = registerBySpelling(name)
  if (register === undefined || !FEATURE_ID_REGISTERS.includes(register))
    return wrong(
      `register: "${name}" is not a feature ID register; the nearest names are ${nearestNames(name, NAMES)}`,
    )
  return {
    kind: 'case',
    given: json,
    case: {
      configuration: { vcpuFeatures: [...new Set(vcpuFeatures)], implementationId },
      register: register.name,
      value: BigInt(value),
    },
  }
}

const verdictKeys = (answer: Extract<CaseAnswer, { kind: 'answered' }>, value: bigint): object => {
  const { verdict, unproven } = answer
  const mark = unproven ? { unproven } : {}
  switch (verdict.verdict) {
    case 'accepted':
      return { verdict: 'accepted', stored: toHex64(value), ...mark }
    case 'stored-as':
      return { verdict: 'stored-as', stored: toHex64(verdict.stored), rule: verdict.rule, ...mark }
    case 'refused': {
      const { rule, errno, field } = verdict
      return { verdict: 'refused', rule, ...(field !== undefined && { field }), errno, ...mark }
    }
    case 'unknown':
      return { verdict: 'unknown', ...mark }
    default:
      return verdict satisfies never
  }
}

const noSuchVcpu = ({ vcpuFeatures }: WriteCase['configuration']): string =>
  `vcpuFeatures: this host cannot make a vCPU with ${vcpuFeatures.join(', ')}, or its document does not cover that`

/** The output for a line, and whether it is an answer; `number` counts lines from 1. */
export type PredictedLine = { readonly text: string; readonly error?: string }

const failed = (number: number, given: object, message: string): PredictedLine => {
  const error = `line ${number}: ${message}`
  return { text: JSON.stringify({ ...given, error }), error }
}

/** The line of output for a line of input. */
export const predictLine = (
  text: string,
  number: number,
  answer: (one: WriteCase) => CaseAnswer,
): PredictedLine => {
  const line = parsePredictLine(text)
  if (line.kind === 'error') return failed(number, {}, line.message)
  const found = answer(line.case)
  if (found.kind === 'no-such-vcpu') return failed(number, line.given, noSuchVcpu(found.configuration))
  return { text: JSON.stringify({ ...line.given, ...verdictKeys(found, line.case.value) }) }
}
