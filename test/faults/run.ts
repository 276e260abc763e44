import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProgressBar } from '../differential/progress-bar.ts'
import { bootHost } from '../harness/emulated-host.ts'
import { labPaths } from '../harness/lab-paths.ts'
import { levelledPlan, putRevision } from '../host/launch/revision-file.ts'
import { FAULTS, isFaulty, outcomeOf } from './fault-cell.ts'
import { faultyLaunches, stepsOfLaunch } from './faulty-launches.ts'
import { cellsOf, faultTable, withTable } from './fault-table.ts'

/*
 * node test/faults/run.ts [FAULT...] (make faults): every fault, or those named, before every call that a supervisor makes in a launch, on real KVM. Writes the table
 * into docs/faults.md. Exit code 1 where something hangs, is left stopped, or runs unmasked.
 */

const named = FAULTS.filter((fault) => process.argv.includes(fault))
const asked = named.length === 0 ? FAULTS : named

const host = await bootHost({ name: 'faults', cpuModel: 'neoverse-v1', kernel: '6.18' })
try {
  const plan = await putRevision(host, 'faults', levelledPlan)
  const steps = await stepsOfLaunch(host, plan)
  const page = join(labPaths.root, 'docs/faults.md')
  const cells = cellsOf(await readFile(page, 'utf8'))
  const bar = new ProgressBar(asked.length * steps.length)
  for (const fault of asked) {
    const numbers = steps.map(({ number }) => number)
    for await (const seen of faultyLaunches(host, plan, { fault, numbers })) {
      const outcome = outcomeOf(seen)
      cells.set(`${seen.number} ${fault}`, outcome)
      bar.step(`${fault} ${seen.number}: ${outcome}`)
    }
  }
  await writeFile(page, withTable(await readFile(page, 'utf8'), faultTable(steps, cells)))
  const bad = [...cells].filter(([, outcome]) => isFaulty(outcome))
  const counts = Map.groupBy(cells.values(), (outcome) => outcome)
  for (const [outcome, all] of counts) console.log(`${String(all.length).padStart(5)} ${outcome}`)
  for (const [cell, outcome] of bad) console.log(`FAULTY ${cell}: ${outcome}`)
  process.exitCode = bad.length === 0 && !cells.values().some((outcome) => outcome === '?') ? 0 : 1
} finally {
  await host.stop()
}
