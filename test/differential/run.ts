import { bootHost } from '../harness/emulated-host.ts'
import type { HostRequest } from '../harness/emulated-host.ts'
import { askKvm, probeWithTrials } from './ask-kvm.ts'
import { DISAGREEMENT_REASONS } from './disagreement-reasons.ts'
import { differentialCases } from './differential-cases.ts'
import { disagreements, disagreementText } from './disagreements.ts'
import type { Disagreement } from './disagreements.ts'
import { differentialHosts } from './host-requests.ts'
import { keepDocument } from './kept-document.ts'
import { ProgressBar } from './progress-bar.ts'
import { twoAtOnce } from './two-at-once.ts'

/*
 * node test/differential/run.ts [PATTERN]: every value of every nibble of every feature ID register, and chosen mixes, predicted
 * and asked of real KVM, on every host whose name holds PATTERN. Fails on any disagreement with trials, on less than 99.9 %
 * right by rules alone on a host, and on a disagreement by rules that has no reason. Documents are kept in .lab/run/differential.
 */

type HostResult = {
  readonly name: string
  readonly cases: number
  readonly probeSeconds: number
  readonly withTrials: readonly Disagreement[]
  readonly byRules: readonly Disagreement[]
}

const compare = async (request: HostRequest): Promise<HostResult> => {
  const host = await bootHost(request)
  try {
    const startedAt = performance.now()
    const document = await probeWithTrials(host)
    const probeSeconds = (performance.now() - startedAt) / 1000
    await keepDocument(request.name, document)
    const cases = differentialCases(document)
    const asked = { cases, kvm: await askKvm(host, cases) }
    return {
      name: request.name,
      cases: cases.length,
      probeSeconds,
      withTrials: disagreements(document, asked),
      byRules: disagreements(document, asked, { rulesOnly: true }),
    }
  } finally {
    await host.stop()
  }
}

const reasonOf = ({ case: one, fields }: Disagreement): string | undefined => {
  const known = fields.map((field) => `${one.register}.${field.split('=')[0] ?? ''}`)
  return known.find((name) => name in DISAGREEMENT_REASONS)
}

const rightShare = ({ cases, byRules }: HostResult): number => (cases - byRules.length) / cases

const isGood = (result: HostResult): boolean =>
  result.withTrials.length === 0 &&
  rightShare(result) >= 0.999 &&
  result.byRules.every((one) => reasonOf(one) !== undefined)

const table = (results: readonly HostResult[]): string[] => [
  `${'host'.padEnd(20)}${'cases'.padStart(8)}${'wrong with trials'.padStart(20)}` +
    `${'wrong by rules'.padStart(16)}${'right by rules'.padStart(17)}${'probe'.padStart(9)}`,
  ...results.map((result) => {
    const { name, cases, withTrials, byRules, probeSeconds } = result
    return [
      name.padEnd(20),
      String(cases).padStart(8),
      String(withTrials.length).padStart(20),
      String(byRules.length).padStart(16),
      `${(rightShare(result) * 100).toFixed(3)} %`.padStart(17),
      `${probeSeconds.toFixed(1)} s`.padStart(9),
    ].join('')
  }),
]

const remaining = (results: readonly HostResult[]): string[] => {
  const byReason = Map.groupBy(
    results.flatMap(({ name, byRules }) => byRules.map((one) => ({ name, one }))),
    ({ one }) => reasonOf(one) ?? 'no reason is known: a defect',
  )
  return [...byReason].flatMap(([field, found]) => [
    '',
    `${field}: ${DISAGREEMENT_REASONS[field] ?? 'the rules are wrong here'}`,
    ...found.map(({ name, one }) => `  ${name}: ${disagreementText(one)}`),
  ])
}

const requests = differentialHosts(process.argv[2])
if (requests.length === 0) {
  console.error(
    `no host's name holds "${process.argv[2] ?? ''}"; there are: ${differentialHosts()
      .map(({ name }) => name)
      .join(', ')}`,
  )
  process.exit(2)
}
const bar = new ProgressBar(requests.length)
const RESULTS = await twoAtOnce(requests, async (request) => {
  bar.step(request.name)
  return compare(request)
})
bar.step('done\n')
console.log(table(RESULTS).join('\n'))
for (const { name, withTrials } of RESULTS)
  for (const one of withTrials) console.log(`WRONG ${name}: ${disagreementText(one)}`)
console.log(['', 'Not known by rules alone:', ...remaining(RESULTS)].join('\n'))
process.exitCode = RESULTS.every(isGood) ? 0 : 1
