import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Plan } from '../../src/api/plan.ts'
import { shortHash } from '../../src/plan/short-hash.ts'
import { showsOtherImplementation } from '../../src/prediction/told-of-host.ts'
import type { HostAccess } from '../harness/host-access.ts'
import type { ReplayCell, ReplayHost } from './replay-cell.ts'
import { keptAnswers } from './kept-answers.ts'
import { replayAnswer } from './replay-job.ts'
import type { ReplayAnswer, ReplayJob, Stream } from './replay-job.ts'

const REMOTE_SCRIPT = '/opt/cpufeatures/replay-in-host.mjs'

const builtScript = async (): Promise<string> => {
  const outfile = join(tmpdir(), `replay-in-host-${process.pid}.mjs`)
  await build({
    entryPoints: [join(import.meta.dirname, 'replay-in-host.ts')],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node24', external: ['koffi'] },
  })
  return outfile
}

let built: Promise<string> | undefined
const script = (): Promise<string> => (built ??= builtScript())

/** Does the jobs on a host. */
export const askHost = async (
  host: HostAccess,
  jobs: readonly ReplayJob[],
): Promise<readonly ReplayAnswer[]> => {
  if (jobs.length === 0) return []
  await host.put(await script(), REMOTE_SCRIPT)
  const { stdout, stderr, exitCode } = await host.run(['node', REMOTE_SCRIPT], {
    input: JSON.stringify(jobs),
  })
  if (exitCode !== 0) throw new Error(`${host.name}: ${stderr}`)
  return replayAnswer.array().parse(JSON.parse(stdout))
}

/** Answers kept in a folder, under the name, the jobs and the program that did them. */
export const answersKept = async (
  folder: string,
  name: string,
  jobs: readonly ReplayJob[],
  ask: () => Promise<readonly ReplayAnswer[]>,
): Promise<readonly ReplayAnswer[]> => {
  const program = await readFile(await script(), 'utf8')
  const file = join(folder, `${name}-${shortHash([program, jobs])}.json`)
  return keptAnswers(file, replayAnswer.array(), ask)
}

const jobOf = ({ document }: ReplayHost, plan: Plan, stream?: Stream): ReplayJob => ({
  plan,
  implementationId: plan.implementation !== undefined && showsOtherImplementation(document) === 'yes',
  ...(stream && { stream }),
})

/** The plans under which VMs leave a host, each once. */
const plansFrom = ({ name }: ReplayHost, cells: readonly ReplayCell[]): readonly Plan[] => [
  ...new Map(cells.filter(({ from }) => from === name).map(({ plan }) => [shortHash(plan), plan])).values(),
]

/** What to ask a host that VMs leave. */
export const savingJobs = (host: ReplayHost, cells: readonly ReplayCell[]): readonly ReplayJob[] =>
  plansFrom(host, cells).map((plan) => jobOf(host, plan))

const keyOf = (name: string, plan: Plan): string => `${name} ${shortHash(plan)}`

/** What hosts have saved, by host and plan. */
export class SavedStreams {
  readonly #answers = new Map<string, ReplayAnswer>()

  add({ name }: ReplayHost, jobs: readonly ReplayJob[], answers: readonly ReplayAnswer[]): void {
    for (const [index, { plan }] of jobs.entries()) {
      const answer = answers[index]
      if (answer !== undefined) this.#answers.set(keyOf(name, plan), answer)
    }
  }

  of({ from, plan }: ReplayCell): ReplayAnswer | undefined {
    return this.#answers.get(keyOf(from, plan))
  }
}

/** What to ask a host that VMs come to, with the cell each is of; cells of which nothing was saved are not there. */
export const loadingJobs = (
  host: ReplayHost,
  cells: readonly ReplayCell[],
  saved: SavedStreams,
): readonly { readonly cell: ReplayCell; readonly job: ReplayJob }[] =>
  cells
    .filter(({ to }) => to === host.name)
    .flatMap((cell) => {
      const answer = saved.of(cell)
      return answer !== undefined && 'stream' in answer
        ? [{ cell, job: jobOf(host, cell.plan, answer.stream) }]
        : []
    })
