import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect, parseArgs } from 'node:util'
import * as z from 'zod'
import { rewritePage } from '../faults/rewrite-page.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { progress } from '../harness/progress.ts'
import { vmmImage } from '../harness/vmm-image.ts'
import { FLEET_PROFILE } from '../node/installation.ts'
import { installOn, startOneNode } from '../node/start-one-node.ts'
import { putProgram } from '../node/told-pod.ts'
import { CLUSTER_FAULTS } from './cluster-fault.ts'
import { faultRound, type RoundOutcomes } from './fault-round.ts'
import { defects, roundReport, withRoundReport } from './round-table.ts'

/*
 * node test/node-faults/run.ts [FAULT...] [--fresh] (make node-faults): causes faults in a cluster of one emulated node, each while there
 * is a pod in each phase of a launch. What was seen is kept in .lab/node-faults.json: a run goes on where the last one ended, unless
 * --fresh. Writes docs/node-faults.md. Exit code 1 where one was not made, or an outcome is a defect.
 */

const FILE = join(LAB_PATHS.lab, 'node-faults.json')

const outcomes = z.object({
  'first-call': z.string(),
  launch: z.string(),
  running: z.string(),
  reboot: z.string(),
})

const readKept = async (): Promise<Map<string, RoundOutcomes>> => {
  const text = await readFile(FILE, 'utf8').catch(() => '{}')
  return new Map(Object.entries(z.record(z.string(), outcomes).parse(JSON.parse(text))))
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { fresh: { type: 'boolean', default: false } },
})
const known = Object.keys(CLUSTER_FAULTS)
const unknown = positionals.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`no fault ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  process.exit(2)
}
await mkdir(LAB_PATHS.lab, { recursive: true })
const rounds = values.fresh ? new Map<string, RoundOutcomes>() : await readKept()
const asked = positionals.length > 0 ? positionals : known.filter((name) => !rounds.has(name))
console.log(`${asked.length} of ${known.length} faults to cause: ${asked.join(', ')}`)

const cluster = await startOneNode({ memoryMiB: 3000 })
try {
  await installOn(cluster)
  const { plane, node } = cluster
  await plane.kubectl(['apply', '-f', '-'], JSON.stringify(FLEET_PROFILE))
  await putProgram(node, join(await vmmImage(), 'vmm'))
  for (const [index, name] of asked.entries()) {
    const round = await progress(`${index + 1}/${asked.length} ${name}`, () => faultRound(cluster, name))
    rounds.set(name, round)
    await writeFile(FILE, JSON.stringify(Object.fromEntries(rounds)))
    for (const [phase, outcome] of Object.entries(round)) console.log(`  ${phase}: ${outcome}`)
  }
} catch (error) {
  // What was seen before is kept; the next run goes on from there.
  console.log(inspect(error))
}
await cluster.stop()
const missing = known.filter((name) => !rounds.has(name))
const wrong = defects(rounds)
for (const one of wrong) console.log(`DEFECT ${one}`)
await rewritePage((text) => withRoundReport(text, roundReport(rounds)), 'node-faults.md')
if (missing.length > 0) console.log(`not caused yet: ${missing.join(', ')}`)
process.exit(wrong.length + missing.length === 0 ? 0 : 1)
