import { hostClass } from '../../src/compatibility/host-class.ts'
import { bootHost } from '../harness/emulated-host.ts'
import { askOnce } from './asked-cases.ts'
import { differentialHosts } from './host-requests.ts'
import { pairClaims } from './pair-claim.ts'
import { keptDocument } from './kept-document.ts'
import type { AskedKvm, PairClaim } from './pair-claim.ts'
import { ProgressBar } from './progress-bar.ts'
import { twoAtOnce } from './two-at-once.ts'

/*
 * node test/differential/baselines.ts [PATTERN]: every pair of host classes of test/differential/run.ts (whose documents it
 * reads): the baseline is written on both hosts' KVM and must be taken bit for bit; each "no common view" is tried, value by
 * value, and must be so.
 */

const requests = differentialHosts(process.argv[2])
const hosts = await Promise.all(
  requests.map(async (request) => ({ request, document: await keptDocument(request.name) })),
)
type Host = (typeof hosts)[number]
type Claimed = { readonly a: Host; readonly b: Host; readonly claim: PairClaim }

const claimed: Claimed[] = hosts.flatMap((a, index) =>
  hosts
    .slice(index + 1)
    .filter((b) => hostClass(a.document) !== hostClass(b.document))
    .flatMap((b) => pairClaims([a.document, b.document]).map((claim) => ({ a, b, claim }))),
)

const asked = new Map<Host, AskedKvm>()
const bar = new ProgressBar(hosts.length)
await twoAtOnce(hosts, async (host) => {
  bar.step(host.request.name)
  const cases = claimed.flatMap(({ a, b, claim }) => [
    ...(a === host ? claim.cases[0] : []),
    ...(b === host ? claim.cases[1] : []),
  ])
  const booted = await bootHost(host.request)
  try {
    asked.set(host, await askOnce(booted, cases))
  } finally {
    await booted.stop()
  }
})
bar.step('done\n')

let wrong = 0
const counts = new Map<string, number>()
for (const { a, b, claim } of claimed) {
  const [ofA, ofB] = [asked.get(a), asked.get(b)]
  if (ofA === undefined || ofB === undefined) throw new Error('a host was not asked')
  const key = `${claim.terms.padEnd(20)} ${claim.outcome}`
  counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const contradiction of claim.contradictions([ofA, ofB])) {
    wrong += 1
    console.log(`WRONG ${a.request.name} with ${b.request.name}, ${claim.terms}: ${contradiction}`)
  }
}
console.log('tolerated            what the engine says of a pair    pairs')
for (const [key, count] of [...counts].sort()) console.log(`${key.padEnd(54)}${String(count).padStart(6)}`)
console.log(`${claimed.length} claims about pairs of host classes, ${wrong} contradicted by KVM`)
process.exitCode = wrong === 0 && claimed.length > 0 ? 0 : 1
