import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { HostDocument } from '../../src/api/host-document.ts'
import type { Plan } from '../../src/api/plan.ts'
import { showsOtherImplementation } from '../../src/prediction/told-of-host.ts'
import { shortHash } from '../../src/plan/short-hash.ts'
import { probeWithTrials } from '../differential/ask-kvm.ts'
import { differentialHosts } from '../differential/host-requests.ts'
import { ProgressBar } from '../differential/progress-bar.ts'
import { bootHost } from '../harness/emulated-host.ts'
import type { EmulatedHost, HostRequest } from '../harness/emulated-host.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { contradiction, replayCells } from './replay-cell.ts'
import type { ReplayCell, ReplayHost } from './replay-cell.ts'
import { replayAnswer } from './replay-job.ts'
import type { ReplayAnswer, ReplayJob, Stream } from './replay-job.ts'

/*
 * node test/replay/run.ts [--plant REASON] [PATTERN...]: every ordered pair of the hosts whose names hold a PATTERN, under every plan
 * that both fit: a levelled VM runs on the source, and its registers are written to a levelled VM on the destination as QEMU does.
 * The predictions are on disk before. Three rounds, in each of which every host is booted once: probe, save, load. What a round has
 * made stays in .lab/run/replay, and is not made again. Fails where a prediction is not what happened. With --plant a reason is left
 * out of the predictions: the run must fail.
 */

const folder = join(LAB_PATHS.root, '.lab/run/replay')

const readJson = async (name: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'))
  } catch {
    return undefined
  }
}

/** What was made before, or is made now and kept. */
const kept = async <T>(name: string, make: () => Promise<T>): Promise<T> => {
  const before = await readJson(name)
  if (before !== undefined) return before as T
  const made = await make()
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(made)}\n`)
  return made
}

const withHost = async <T>(request: HostRequest, use: (host: EmulatedHost) => Promise<T>): Promise<T> => {
  const host = await bootHost(request)
  try {
    return await use(host)
  } finally {
    await host.stop()
  }
}

const SCRIPT = '/opt/cpufeatures/replay-in-host.mjs'

const builtScript = async (): Promise<string> => {
  const outfile = join(tmpdir(), `replay-in-host-${process.pid}.mjs`)
  await build({
    entryPoints: [join(import.meta.dirname, 'replay-in-host.ts')],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node24', external: ['koffi'] },
  })
  return outfile
}

const script = builtScript()

const answersOf = async (
  request: HostRequest,
  jobs: readonly ReplayJob[],
): Promise<readonly ReplayAnswer[]> =>
  withHost(request, async (host) => {
    await host.put(await script, SCRIPT)
    const { stdout, stderr, exitCode } = await host.run(['node', SCRIPT], { input: JSON.stringify(jobs) })
    if (exitCode !== 0) throw new Error(`${request.name}: ${stderr}`)
    return replayAnswer.array().parse(JSON.parse(stdout))
  })

const jobOf = ({ document }: ReplayHost, plan: Plan, stream?: Stream): ReplayJob => ({
  plan,
  implementationId: plan.implementation !== undefined && showsOtherImplementation(document) === 'yes',
  ...(stream && { stream }),
})

const args = process.argv.slice(2)
const plantAt = args.indexOf('--plant')
const planted = plantAt === -1 ? undefined : args[plantAt + 1]
const patterns = args.filter((_, index) => plantAt === -1 || (index !== plantAt && index !== plantAt + 1))
const requests = differentialHosts().filter(
  ({ name }) => patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)),
)
if (requests.length < 2) {
  console.error(
    'a replay needs two hosts; there are: ' +
      differentialHosts()
        .map(({ name }) => name)
        .join(', '),
  )
  process.exit(2)
}

await mkdir(folder, { recursive: true })
const startedAt = performance.now()
const bar = new ProgressBar(requests.length * 3)
const HOSTS: ReplayHost[] = []
for (const request of requests) {
  bar.step(`probe ${request.name}`)
  const probe = (): Promise<HostDocument> => withHost(request, probeWithTrials)
  HOSTS.push({ name: request.name, document: await kept(`host-${request.name}`, probe) })
}

const cells = replayCells(HOSTS, planted)
await writeFile(
  join(folder, 'predictions.json'),
  `${JSON.stringify(
    cells.map(({ plan, ...cell }) => ({ ...cell, plan: shortHash(plan) })),
    undefined,
    1,
  )}\n`,
)

const hostNamed = (name: string): ReplayHost => {
  const host = HOSTS.find((one) => one.name === name)
  if (host === undefined) throw new Error(`no host ${name}`)
  return host
}

const streams = new Map<string, ReplayAnswer>()
const keyOf = (name: string, plan: Plan): string => `${name} ${shortHash(plan)}`
for (const request of requests) {
  bar.step(`save ${request.name}`)
  const plans = [
    ...new Map(
      cells.filter(({ from }) => from === request.name).map(({ plan }) => [shortHash(plan), plan]),
    ).values(),
  ]
  const name = `saved-${request.name}-${shortHash(plans)}`
  const saved = await kept(name, () =>
    answersOf(
      request,
      plans.map((plan) => jobOf(hostNamed(request.name), plan)),
    ),
  )
  for (const [index, plan] of plans.entries()) {
    const answer = saved[index]
    if (answer !== undefined) streams.set(keyOf(request.name, plan), answer)
  }
}

const happened = new Map<ReplayCell, ReplayAnswer>()
for (const request of requests) {
  bar.step(`load ${request.name}`)
  const into = cells.filter(({ to }) => to === request.name)
  const jobs = into.flatMap((cell) => {
    const saved = streams.get(keyOf(cell.from, cell.plan))
    if (saved === undefined || !('stream' in saved)) {
      happened.set(cell, saved ?? { wrong: 'nothing was saved' })
      return []
    }
    return [{ cell, job: jobOf(hostNamed(request.name), cell.plan, saved.stream) }]
  })
  const name = `loaded-${request.name}-${shortHash(jobs.map(({ job }) => job))}`
  const answers = await kept(name, () =>
    answersOf(
      request,
      jobs.map(({ job }) => job),
    ),
  )
  for (const [index, { cell }] of jobs.entries()) happened.set(cell, answers[index] ?? { wrong: 'no answer' })
}
bar.step('done\n')

const happenedText = (answer: ReplayAnswer | undefined): string => {
  if (answer === undefined || 'wrong' in answer) return 'not levelled'
  return 'refused' in answer ? `refused ${answer.refused}` : 'taken'
}

let wrong = 0
for (const cell of cells) {
  const answer = happened.get(cell)
  const { from, to, terms, predicted } = cell
  console.log(
    `${from.padEnd(20)} ${to.padEnd(20)} ${terms.padEnd(10)} ${predicted.padEnd(8)} ${happenedText(answer)}`,
  )
  const contradicted = answer === undefined ? 'it was not replayed' : contradiction(cell, answer)
  if (contradicted === undefined) continue
  wrong += 1
  console.log(`WRONG ${from} to ${to}, ${terms}: ${contradicted}`)
}
const minutes = (performance.now() - startedAt) / 60_000
console.log(
  `${cells.length} cells of ${HOSTS.length} hosts, ${wrong} not as predicted, in ${minutes.toFixed(1)} minutes`,
)
process.exitCode = wrong === 0 && cells.length > 0 ? 0 : 1
