import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verdict } from '../../src/compatibility/verdict.ts'
import { predictionHost } from '../../src/prediction/prediction-host.ts'
import { predictWrite } from '../../src/prediction/predict-write.ts'
import { compileProfile } from '../../src/profile/compile-profile.ts'
import { differentialCases } from '../differential/differential-cases.ts'
import { hostClasses } from './host-classes.ts'
import { benchProfiles } from './profiles.ts'
import { processorTimeMs } from '../harness/processor-time.ts'

/*
 * node test/bench/run.ts (make bench): the engine beside a plain loop over as many items, and the bundle's start beside
 * `node -e 0`. What is judged is how many times as much processor time we take, measured in turns in one run: that holds on a slow
 * machine and beside other work. Fails where a ratio is above its limit.
 */

const root = join(import.meta.dirname, '../..')

type Clock = () => number

/** Milliseconds of processor time of this process. */
const ownTime: Clock = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Milliseconds of processor time of `work`, done so many times. */
const time = (clock: Clock, work: () => void): number => {
  const startedAt = clock()
  work()
  return clock() - startedAt
}

/** The mean of ours and of the other in milliseconds, in turns. */
const beside = (
  clock: Clock,
  times: number,
  ours: () => void,
  other: () => void,
): readonly [number, number] => {
  const samples = Array.from({ length: times }, () => [time(clock, ours), time(clock, other)] as const)
  const mean = (pick: (sample: readonly [number, number]) => number): number =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / times
  return [mean(([one]) => one), mean(([, one]) => one)]
}

const start =
  (args: readonly string[], exitCode = 0) =>
  (): void => {
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    if (status !== exitCode) throw new Error(`${args.join(' ')}: ${stderr}`)
  }

const PROFILES = 100
const CLASSES = 60
const PREDICTIONS = 1_000_000

const judgeAll = (): (() => void) => {
  const profiles = benchProfiles(PROFILES)
  // New documents each time, so that nothing is remembered of a host.
  return () => {
    const hosts = hostClasses(CLASSES)
    let findings = 0
    for (const spec of profiles) {
      const result = compileProfile({ spec, hosts })
      if (result.kind !== 'compiled') throw new Error(`${result.kind}: ${result.message}`)
      for (const { host } of hosts) {
        const judged = verdict(result.plan, host)
        findings += judged.kind === 'incompatible' ? judged.findings.length : 0
      }
    }
    if (findings === 0) throw new Error('no finding among so many hosts: the benchmark judges nothing')
  }
}

/** Reads and hashes every register of every host once per verdict: no engine can do without that. */
const plainLoop = (): (() => void) => {
  const hosts = hostClasses(CLASSES)
  return () => {
    let sum = 0n
    for (let profile = 0; profile < PROFILES; profile += 1)
      for (const { host } of hosts) for (const value of Object.values(host.guestView)) sum ^= BigInt(value)
    if (sum < 0n) throw new Error('never')
  }
}

/** Keeps the last result, so that no compiler can leave the work out. */
const KEPT = { sum: 0n }

const predictAll = (): readonly [() => void, () => void] => {
  const [first] = hostClasses(1)
  const host = first && predictionHost(first.host)
  if (first === undefined || host === undefined) throw new Error('no host')
  const cases = differentialCases(first.host)
  const each = (work: (index: number) => void) => (): void => {
    for (let index = 0; index < PREDICTIONS; index += 1) work(index % cases.length)
  }
  return [
    each((index) => {
      const one = cases[index]
      if (one !== undefined) predictWrite(host, one.register, one.value)
    }),
    each((index) => {
      KEPT.sum ^= (cases[index]?.value ?? 0n) & (host.limitView.get(cases[index]?.register ?? '') ?? 0n)
    }),
  ]
}

const HOSTS = 300

/** A folder of host documents, each of a class of its own: every pair of them is compared. */
const hostFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-hosts-'))
  for (const [index, { host }] of hostClasses(HOSTS).entries())
    writeFileSync(join(folder, `host-${index}.json`), JSON.stringify(host))
  process.once('exit', () => {
    rmSync(folder, { recursive: true })
  })
  return folder
}

type Row = readonly [what: string, ours: number, other: number, beside: string, limit: number]

spawnSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'inherit' })
const ROWS: Row[] = [
  [
    `${PROFILES} profiles x ${CLASSES} host classes, compiled and judged`,
    ...beside(ownTime, 5, judgeAll(), plainLoop()),
    'a loop that reads every register',
    45,
  ],
  [`${PREDICTIONS} predictions`, ...beside(ownTime, 5, ...predictAll()), 'a loop that masks every value', 20],
  [
    'explain FEAT_RNG, from start to end',
    ...beside(
      processorTimeMs,
      20,
      start(['dist/cpufeatures.mjs', 'explain', 'FEAT_RNG']),
      start(['-e', '0']),
    ),
    'node -e 0',
    3,
  ],
  [
    `baseline of ${HOSTS} hosts, from start to end`,
    ...beside(
      processorTimeMs,
      5,
      // 1: some have another counter frequency and are left out.
      start(['dist/cpufeatures.mjs', 'baseline', '--hosts', hostFolder()], 1),
      start(['-e', '0']),
    ),
    'node -e 0',
    90,
  ],
]
console.log(
  `${''.padEnd(56)}${'ours'.padStart(10)}${'beside'.padStart(10)}${'ratio'.padStart(8)}${'at most'.padStart(10)}`,
)
for (const [what, ours, other, name, limit] of ROWS)
  console.log(
    [
      what.padEnd(56),
      `${ours.toFixed(0)} ms`.padStart(10),
      `${other.toFixed(0)} ms`.padStart(10),
      (ours / other).toFixed(1).padStart(8),
      String(limit).padStart(10),
      `  (${name})`,
    ].join(''),
  )
process.exitCode = ROWS.every(([, ours, other, , limit]) => ours <= limit * other) ? 0 : 1
