import { parseArgs } from 'node:util'
import { ProgressBar } from '../differential/progress-bar.ts'
import { bootHost } from '../harness/emulated-host.ts'
import { runFolder } from '../harness/lab-paths.ts'
import { LEVELLED_PLAN, putRevision } from '../host/launch/revision-file.ts'
import { isFaulty } from './cell-outcome.ts'
import { cellName, FAULT_NAMES } from './fault.ts'
import type { FilledCell } from './fill-cells.ts'
import { fillCells } from './fill-cells.ts'
import { stepsOfLaunch } from './faulty-launches.ts'
import { faultReport, withReport } from './fault-table.ts'
import { keep, readKept } from './kept-matrix.ts'
import { rewritePage } from './rewrite-page.ts'

/*
 * node test/faults/run.ts [FAULT...] [--steps FROM[-TO[/EVERY]]] [--fresh] (make faults): every fault, or those named, before every
 * call that a supervisor makes in a launch, on real KVM. What is filled is kept in .lab/faults.json: a run goes on where the last one
 * ended, unless --fresh or the launch makes other calls now. Writes docs/faults.md once all cells are filled. Exit code 1 where some
 * are faulty or not filled.
 */

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: 'string' }, fresh: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !FAULT_NAMES.some((fault) => fault === name))
if (unknown.length > 0)
  throw new Error(`no faults: ${unknown.join(', ')}; there are ${FAULT_NAMES.join(', ')}`)
const faults =
  positionals.length === 0 ? FAULT_NAMES : FAULT_NAMES.filter((fault) => positionals.includes(fault))
const [from = 1, to = from, every = 1] = values.steps?.split(/[-/]/).map(Number) ?? [1, Infinity]

const boot = (name: string) => bootHost({ name, cpuModel: 'neoverse-v1', kernel: '6.18' })
const [first, second] = await Promise.all([boot('faults-1'), boot('faults-2')])
const HOSTS = [first, second]
try {
  const [plan = ''] = await Promise.all(HOSTS.map((host) => putRevision(host, 'faults', LEVELLED_PLAN)))
  const steps = await stepsOfLaunch(first, plan)
  const asked = steps
    .filter(({ number }) => number >= from && number <= to && (number - from) % every === 0)
    .flatMap(({ number }) => faults.map((fault) => ({ fault, number })))
  const kept = await readKept(steps)
  const isChosen = values.steps !== undefined || values.fresh
  const left = asked.filter((cell) => isChosen || !kept.has(cellName(cell)))
  const outcomes = values.fresh && values.steps === undefined ? new Map<string, string>() : kept
  const folder = runFolder('faults')
  const bar = new ProgressBar(left.length)
  const seenOnce: FilledCell[] = []
  const filled = async (one: FilledCell): Promise<void> => {
    outcomes.set(cellName(one.cell), one.outcome)
    if (one.evidence !== undefined) seenOnce.push(one)
    bar.step(`${cellName(one.cell)} ${one.outcome}`)
    await keep(steps, outcomes)
  }
  console.log(
    `${steps.length} calls in a launch, ${faults.length} faults: ${left.length} of ${asked.length} cells to fill`,
  )
  await fillCells({ hosts: HOSTS, plan, steps, folder, filled }, left)

  const all = steps.flatMap(({ number }) => FAULT_NAMES.map((fault) => cellName({ fault, number })))
  const counts = Map.groupBy(all, (name) => outcomes.get(name) ?? 'not tried yet')
  for (const [outcome, of] of counts) console.log(`${String(of.length).padStart(5)} ${outcome}`)
  for (const { cell, outcome, evidence = '' } of seenOnce)
    console.log(
      `${isFaulty(outcome) ? 'FAULTY' : 'FAULTY ONCE'} ${cellName(cell)}: ${outcome}, see ${evidence}`,
    )
  const unfilled = all.filter((name) => !outcomes.has(name))
  const faulty = all.filter((name) => isFaulty(outcomes.get(name) ?? ''))
  if (unfilled.length === 0) await rewritePage((text) => withReport(text, faultReport(steps, outcomes)))
  else console.log(`docs/faults.md is as it was: ${unfilled.length} cells are not filled yet`)
  process.exitCode = faulty.length + unfilled.length === 0 ? 0 : 1
} finally {
  await Promise.all(HOSTS.map((host) => host.stop()))
}
