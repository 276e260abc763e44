import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { HostDocument } from '../../src/api/host-document.ts'
import { shortHash } from '../../src/plan/short-hash.ts'
import { probeWithTrials } from '../differential/ask-kvm.ts'
import { differentialHosts } from '../differential/host-requests.ts'
import { keepDocument, keptDocument } from '../differential/kept-document.ts'
import { ProgressBar } from '../differential/progress-bar.ts'
import { twoAtOnce } from '../differential/two-at-once.ts'
import { bootHost } from '../harness/emulated-host.ts'
import type { EmulatedHost, HostRequest } from '../harness/emulated-host.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { isAsPredicted, migratePairOnce, migrationReport } from './migrate-sample.ts'
import type { MigratedCell } from './migrate-sample.ts'
import { migrationSample } from './migration-sample.ts'
import { replayCells } from './replay-cell.ts'
import type { ReplayCell, ReplayHost } from './replay-cell.ts'
import type { ReplayAnswer } from './replay-job.ts'
import { cellFault, replayReport } from './replay-report.ts'
import { answersKept, askHost, loadingJobs, SavedStreams, savingJobs } from './replay-rounds.ts'

/*
 * node test/replay/run.ts [--plant REASON] [--fresh] [PATTERN...] (make replay): every ordered pair of the hosts whose names hold a
 * PATTERN, under every plan that both fit: a levelled VM runs on the source, and its registers are written to a levelled VM on the
 * destination as QEMU does. The predictions are on disk before. Two hosts run at once, and each is booted once in each of three rounds:
 * probe (not where `make differential` has), save, load. At the end a guest in QEMU is migrated there and back for one pair and plan of
 * each kind of prediction. What a round has made stays in .lab/run/replay, and is not made again unless --fresh, or what was asked has
 * changed. Fails where a prediction is not what happened. With --plant a reason is left out of the predictions: the run must fail.
 */

const folder = join(LAB_PATHS.root, '.lab/run/replay')

const withHost = async <T>(request: HostRequest, use: (host: EmulatedHost) => Promise<T>): Promise<T> => {
  const host = await bootHost(request)
  try {
    return await use(host)
  } finally {
    await host.stop()
  }
}

const { positionals: patterns, values } = parseArgs({
  allowPositionals: true,
  options: { plant: { type: 'string' }, fresh: { type: 'boolean', default: false } },
})
const requests = differentialHosts().filter(
  ({ name }) => patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)),
)
if (requests.length < 2) {
  const names = differentialHosts().map(({ name }) => name)
  console.error(`a replay needs two hosts; there are: ${names.join(', ')}`)
  process.exit(2)
}

if (values.fresh) await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
const startedAt = performance.now()
const bar = new ProgressBar(requests.length * 3)

const probed = async (request: HostRequest): Promise<HostDocument> => {
  const before = values.fresh ? undefined : await keptDocument(request.name).catch(() => undefined)
  if (before !== undefined) return before
  const document = await withHost(request, probeWithTrials)
  await keepDocument(request.name, document)
  return document
}
const HOSTS = await twoAtOnce(requests, async (request): Promise<ReplayHost & { request: HostRequest }> => {
  bar.step(`probe ${request.name}`)
  return { name: request.name, document: await probed(request), request }
})

const cells = replayCells(HOSTS, values.plant)
const written = cells.map(({ plan, ...cell }) => ({ ...cell, plan: shortHash(plan) }))
await writeFile(join(folder, 'predictions.json'), `${JSON.stringify(written, undefined, 1)}\n`)

const saved = new SavedStreams()
await twoAtOnce(HOSTS, async (host) => {
  bar.step(`save ${host.name}`)
  const jobs = savingJobs(host, cells)
  const ask = () => withHost(host.request, (booted) => askHost(booted, jobs))
  saved.add(host, jobs, await answersKept(folder, `saved-${host.name}`, jobs, ask))
})

const happened = new Map<ReplayCell, ReplayAnswer | undefined>(cells.map((cell) => [cell, saved.of(cell)]))
await twoAtOnce(HOSTS, async (host) => {
  bar.step(`load ${host.name}`)
  const into = loadingJobs(host, cells, saved)
  const jobs = into.map(({ job }) => job)
  const ask = () => withHost(host.request, (booted) => askHost(booted, jobs))
  const answers = await answersKept(folder, `loaded-${host.name}`, jobs, ask)
  for (const [index, { cell }] of into.entries()) happened.set(cell, answers[index])
})

const sample = migrationSample(cells)
bar.add(sample.length)
const MIGRATED: MigratedCell[] = []
for (const pair of sample) {
  bar.step(`migrate ${pair.there.from} and ${pair.there.to}, ${pair.there.terms}`)
  MIGRATED.push(...(await migratePairOnce(pair, requests, folder)))
}
bar.step('done\n')

const replayed = cells.map((cell) => ({ cell, happened: happened.get(cell) }))
for (const line of [...replayReport(replayed, HOSTS), ...migrationReport(MIGRATED)]) console.log(line)
console.log(`in ${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes`)
const isReplayRight = cells.length > 0 && replayed.every((one) => cellFault(one) === undefined)
process.exitCode = isReplayRight && MIGRATED.every(isAsPredicted) ? 0 : 1
