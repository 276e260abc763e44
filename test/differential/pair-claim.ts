import { cpuFeatureProfileSpec } from '../../src/api/cpu-feature-profile.ts'
import type { CpuFeatureProfileSpecInput } from '../../src/api/cpu-feature-profile.ts'
import { fromHex64, toHex64 } from '../../src/api/hex64.ts'
import type { PlanFinding } from '../../src/api/finding.ts'
import type { HostDocument } from '../../src/api/host-document.ts'
import { fieldMask, getField, setField } from '../../src/arm64/field.ts'
import { fieldNamed } from '../../src/arm64/register.ts'
import { hostClass } from '../../src/compatibility/host-class.ts'
import { judgedConfiguration } from '../../src/compatibility/judged-configuration.ts'
import { levelled } from '../../src/plan/level.ts'
import type { ResolvedPlan } from '../../src/plan/read-plan.ts'
import { limitViewOf } from '../../src/prediction/prediction-host.ts'
import type { WriteCase } from '../../src/prediction/write-case.ts'
import { compileProfile } from '../../src/profile/compile-profile.ts'
import type { CompileResult } from '../../src/profile/compile-result.ts'
import { resolvedPlan } from '../fixtures/resolved-plan.ts'

/** What a host's KVM answered in a case, as text: see verdictText. */
export type AskedKvm = (one: WriteCase) => string

/** A claim of the engine about two hosts under one spec, and how to test it on real KVM. */
export type PairClaim = {
  readonly terms: string
  readonly outcome: 'levelled' | 'no common view' | 'never together'
  /** What to ask each host's KVM. */
  readonly cases: readonly [a: readonly WriteCase[], b: readonly WriteCase[]]
  /** Contradictions of KVM, one line each. */
  readonly contradictions: (asked: readonly [a: AskedKvm, b: AskedKvm]) => string[]
}

type Pair = readonly [a: HostDocument, b: HostDocument]

/** Tolerating nothing; inert differences; IDST too; and the baseline of a version that every host has. */
const TERMS: Readonly<Record<string, CpuFeatureProfileSpecInput>> = {
  writing: { base: { nodes: {} }, implementation: { midr: 'FromBaseline' }, tolerate: { inert: 'Refuse' } },
  inert: { base: { nodes: {} }, implementation: { midr: 'FromBaseline' }, tolerate: { inert: 'Accept' } },
  'inert and FEAT_IDST': {
    base: { nodes: {} },
    implementation: { midr: 'FromBaseline' },
    tolerate: { inert: 'Accept', features: ['FEAT_IDST'] },
  },
  'v8.0-A': {
    base: { architecture: { version: 'v8.0-A' } },
    implementation: { midr: 'FromBaseline' },
    tolerate: { features: ['FEAT_IDST'] },
  },
}

const compilePair = (pair: Pair, spec: CpuFeatureProfileSpecInput): CompileResult =>
  compileProfile({
    spec: cpuFeatureProfileSpec.parse(spec),
    hosts: pair.map((host) => ({ class: hostClass(host), nodes: 1, host, selected: true })),
  })

type Shown = ReadonlyMap<string, { readonly limit: bigint; readonly wanted: bigint }>

/** Every register of a vCPU under the plan: what it has fresh, and what a launch makes of it. */
const shownUnder = (plan: ResolvedPlan, host: HostDocument): Shown => {
  const view = limitViewOf(host, judgedConfiguration(plan, host)) ?? new Map<string, bigint>()
  const wanted = levelled(plan.registers, view)
  return new Map([...view].map(([name, limit]) => [name, { limit, wanted: wanted.get(name) ?? limit }]))
}

const writesOf = (plan: ResolvedPlan, host: HostDocument): WriteCase[] =>
  [...shownUnder(plan, host)]
    .filter(([, { limit, wanted }]) => limit !== wanted)
    .map(([register, { wanted }]) => ({
      configuration: judgedConfiguration(plan, host),
      register,
      value: wanted,
    }))

const toleratedBits = (plan: ResolvedPlan, register: string): bigint =>
  plan.tolerated
    .filter(({ difference }) => difference.register === register)
    .reduce((bits, { field }) => bits | fieldMask(field), 0n)

const refusals = (cases: readonly WriteCase[], asked: AskedKvm): string[] =>
  cases
    .map((one) => ({ one, answer: asked(one) }))
    .filter(({ answer }) => answer !== 'accepted')
    .map(({ one, answer }) => `${one.register} = ${toHex64(one.value)}: ${answer}`)

const unequal = (plan: ResolvedPlan, [a, b]: Pair): string[] => {
  const [shownA, shownB] = [shownUnder(plan, a), shownUnder(plan, b)]
  return [...shownA].flatMap(([name, { wanted }]) => {
    const other = shownB.get(name)?.wanted
    if (other === undefined || ((wanted ^ other) & ~toleratedBits(plan, name)) === 0n) return []
    return [`${name} is ${toHex64(wanted)} on the one and ${toHex64(other)} on the other`]
  })
}

const levelledClaim = (terms: string, plan: ResolvedPlan, pair: Pair): PairClaim => {
  const cases = [writesOf(plan, pair[0]), writesOf(plan, pair[1])] as const
  return {
    terms,
    outcome: 'levelled',
    cases,
    contradictions: (asked) => [
      ...refusals(cases[0], asked[0]),
      ...refusals(cases[1], asked[1]),
      ...unequal(plan, pair),
    ],
  }
}

type NamedField = { readonly register: string; readonly field: string }

/** Every value of one field, all else as it is. */
const fieldCases = (host: HostDocument, { register, field }: NamedField): WriteCase[] => {
  const found = fieldNamed(register, field)
  const limit = BigInt(host.guestView[register] ?? '0')
  if (found === undefined || found.width > 8) return []
  return Array.from({ length: 2 ** found.width }, (_, raw) => ({
    configuration: { vcpuFeatures: [], implementationId: false },
    register,
    value: setField(limit, found, raw),
  }))
}

/** The raw values a guest of this host can be shown in the field. */
const showable = (
  cases: readonly WriteCase[],
  { register, field }: NamedField,
  asked: AskedKvm,
): Set<number> => {
  const found = fieldNamed(register, field)
  return new Set(
    cases.flatMap((one) =>
      found !== undefined && asked(one) === 'accepted' ? [getField(one.value, found)] : [],
    ),
  )
}

/** Findings about a field: no value of it can be shown by both. */
const fieldContradictions = (pair: Pair, asked: readonly [AskedKvm, AskedKvm], one: NamedField): string[] => {
  const [a, b] = [0, 1].map((side) => {
    const [host, ask] = [pair[side], asked[side]]
    return host && ask ? showable(fieldCases(host, one), one, ask) : new Set<number>()
  })
  const common = [...(a ?? [])].filter((raw) => b?.has(raw))
  if (a?.size === 0 || b?.size === 0) return [`${one.register}.${one.field}: nothing can be shown`]
  return common.length === 0 ? [] : [`${one.register}.${one.field}: both can show ${common.join(', ')}`]
}

/** Findings about a whole register: not both take the value that was wanted. */
const wholeCases = ({ findings }: { readonly findings: readonly PlanFinding[] }): WriteCase[] =>
  findings.flatMap(({ register, field, wanted }) =>
    register === undefined || field !== undefined || wanted === undefined
      ? []
      : [
          {
            configuration: { vcpuFeatures: [], implementationId: true },
            register,
            value: fromHex64(wanted),
          },
        ],
  )

const impossible = (
  terms: string,
  result: Extract<CompileResult, { kind: 'not-compiled' }>,
  pair: Pair,
): PairClaim => {
  const fields = result.findings.flatMap(({ register, field }) =>
    register === undefined || field === undefined ? [] : [{ register, field }],
  )
  const whole = wholeCases(result)
  const casesOf = (host: HostDocument): WriteCase[] => [
    ...fields.flatMap((one) => fieldCases(host, one)),
    ...whole,
  ]
  return {
    terms,
    outcome: 'no common view',
    cases: [casesOf(pair[0]), casesOf(pair[1])],
    contradictions: (asked) => [
      ...(fields.length + whole.length === 0 ? [`nothing is named: ${result.message}`] : []),
      ...fields.flatMap((one) => fieldContradictions(pair, asked, one)),
      ...whole
        .filter((one) => asked.every((ask) => ask(one) === 'accepted'))
        .map((one) => `${one.register}: both take ${toHex64(one.value)}`),
    ],
  }
}

/** What the engine claims of two hosts, under each of the terms. Throws if it does not accept the spec. */
export const pairClaims = (pair: Pair): PairClaim[] =>
  Object.entries(TERMS).map(([terms, spec]) => {
    const result = compilePair(pair, spec)
    if (result.kind === 'not-compiled' && result.reason === 'NoCommonView')
      return impossible(terms, result, pair)
    if (result.kind === 'compiled' && result.baseline?.classes.length === 2)
      return levelledClaim(terms, resolvedPlan(result.plan), pair)
    if (result.kind === 'compiled')
      return { terms, outcome: 'never together', cases: [[], []], contradictions: () => [] }
    throw new Error(`${terms}: ${result.kind}: ${'message' in result ? result.message : ''}`)
  })
