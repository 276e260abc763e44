import { join } from 'node:path'
import { inspect } from 'node:util'
import { LAB_PATHS } from './harness/lab-paths.ts'
import { openLabSession } from './harness/lab-session.ts'
import { runCommand } from './harness/process.ts'
import { processorTimeMs } from './harness/processor-time.ts'
import { progress } from './harness/progress.ts'
import { runTestFiles } from './harness/run-test-files.ts'
import type { TestCount } from './harness/run-test-files.ts'
import { testBatches } from './harness/test-batches.ts'
import { TEST_PARTS } from './harness/test-parts.ts'
import type { TestPart } from './harness/test-parts.ts'
import { timeReport } from './harness/time-report.ts'
import type { PartTime } from './harness/time-report.ts'

/*
 * Runs all tests, or one part: node test/run.ts [PART [PATTERN]], where PATTERN is part of a file's path. Closes with where the time
 * went, what failed, told again, and the line `N passed, N failed`, the steps of verify counted too. With CI=true a skipped test has
 * failed.
 */

/** The longest first: two run at once. */
const VERIFY_STEPS = ['lint', 'types', 'format', 'architecture', 'generated']

const COUNT: TestCount = { passed: 0, failed: 0, skipped: 0, failures: [], times: new Map() }
const PART_TIMES: PartTime[] = []

/** Keeps how long something took, whatever becomes of it. */
const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  const startedAt = performance.now()
  try {
    return await work()
  } finally {
    PART_TIMES.push([name, performance.now() - startedAt])
  }
}

const verifyStep = async (step: string): Promise<void> => {
  const command = ['npm', 'run', '-s', `verify:${step}`]
  const result = await progress(`verify: ${step}`, () =>
    runCommand(command, { cwd: LAB_PATHS.root, mayFail: true }),
  )
  if (result.exitCode === 0) COUNT.passed += 1
  else {
    COUNT.failed += 1
    COUNT.failures.push(`✖ verify: ${step}\n${result.stdout}${result.stderr}`)
  }
}

const verify = async (): Promise<void> => {
  const waiting = [...VERIFY_STEPS]
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await verifyStep(step)
  }
  await Promise.all([work(), work()])
}

/** Runs the files of a part that match. */
const runPart = async ({ name, files, workers, prepare }: TestPart): Promise<void> => {
  const batches = testBatches(files, pattern)
  const used = Math.min(workers, batches.length)
  try {
    if (used === 0) throw new Error('no test file of this part matches')
    if (prepare !== undefined) await timed(`${name}: what its tests need`, () => prepare(session, used))
  } catch (error) {
    COUNT.failed += 1
    COUNT.failures.push(`✖ ${name}: what the tests need did not start: ${inspect(error)}`)
    return
  }
  console.log(`\n=== ${name}`)
  await timed(name, () => runTestFiles(batches, used, COUNT))
}

const conclude = (): void => {
  const wallMs = performance.now()
  for (const line of timeReport(PART_TIMES, COUNT.times, { wallMs, processorMs: processorTimeMs() }))
    console.log(line)
  const skipsFail = process.env['CI'] === 'true'
  if (COUNT.skipped > 0)
    console.log(`${COUNT.skipped} skipped${skipsFail ? ', which counts as failed here' : ''}`)
  const failed = COUNT.failed + (skipsFail ? COUNT.skipped : 0)
  for (const failure of COUNT.failures) console.log(failure)
  console.log(`${COUNT.passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

const [asked = 'all', pattern = ''] = process.argv.slice(2)
const isAsked = ({ name, onlyByName }: TestPart): boolean =>
  asked === 'all' ? onlyByName !== true : asked === name
const KNOWN = ['all', 'verify', ...TEST_PARTS.flat().map(({ name }) => name)]
if (!KNOWN.includes(asked)) {
  console.error(`no part "${asked}"; there are: ${KNOWN.join(', ')}`)
  process.exit(2)
}

// All that was started ends with this process, whatever ends it; this only says so with an exit code.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

// Hundreds of processes load the same sources: they are stripped and compiled once.
process.env['NODE_COMPILE_CACHE'] ??= join(LAB_PATHS.lab, 'compile-cache')

const session = openLabSession()
// Lint works on one core, so the first row runs beside the end of it.
const verified = asked === 'all' || asked === 'verify' ? timed('verify', verify) : Promise.resolve()
for (const row of TEST_PARTS) await Promise.all([verified, ...row.filter(isAsked).map(runPart)])
await session.stop()
conclude()
