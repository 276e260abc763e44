import { globSync } from 'node:fs'
import { relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { inspect } from 'node:util'
import { controlPlanePrograms } from './harness/control-plane-binary.ts'
import { runCommand } from './harness/process.ts'
import { labPaths } from './harness/lab-paths.ts'
import { openLabSession } from './harness/lab-session.ts'
import type { LabSession } from './harness/lab-session.ts'
import { progress } from './harness/progress.ts'

/*
 * Runs all tests in order, or one part: node test/run.ts [PART [PATTERN]], where PATTERN is part of a file's path.
 * Closes with what failed, told again, and the line `N passed, N failed`, the steps of verify counted too. With CI=true a skipped test
 * has failed.
 */

interface Count {
  passed: number
  failed: number
  skipped: number
}

interface Part {
  name: string
  files: readonly string[]
  /** How many files run at once: the emulated hosts share two cores. */
  concurrency: number
  prepare?: (session: LabSession) => Promise<unknown>
}

const verifySteps = ['format', 'lint', 'types', 'generated', 'architecture']

const unit: Part = {
  name: 'unit',
  files: [
    'src/**/*.test.ts',
    'test/harness/{process,kernel}.test.ts',
    'test/{fixtures,faults,golden}/**/*.test.ts',
  ],
  concurrency: 2,
}
const integration: Part = {
  name: 'integration',
  files: ['test/harness/control-plane.test.ts', 'test/integration/**/*.test.ts'],
  concurrency: 1,
  prepare: () => controlPlanePrograms(),
}
const host: Part = {
  name: 'host',
  files: ['test/harness/emulated-host.test.ts', 'test/host/**/*.test.ts'],
  concurrency: 1,
  prepare: (session) => session.bootHosts(),
}
/** The demo's assertions: it starts all of its own. */
const e2e: Part = {
  name: 'e2e',
  files: ['test/e2e/**/*.test.ts'],
  concurrency: 1,
  prepare: (session) => session.stop(),
}

/** In order; those in one row at once: an emulated host has one CPU, and leaves the other to the control plane. */
const rows: readonly (readonly Part[])[] = [[unit], [integration, host], [e2e]]

/** A file that hangs ends its part, not the night. */
const fileTimeoutMs = 20 * 60 * 1000

/** Of an error that is told again at the end: its assertion, without all of a guest's console. */
const ERROR_CHARACTERS = 3000

const count: Count = { passed: 0, failed: 0, skipped: 0 }
const failures: string[] = []

async function verify(): Promise<void> {
  for (const step of verifySteps) {
    const command = ['npm', 'run', '-s', `verify:${step}`]
    const result = await progress(`verify: ${step}`, () =>
      runCommand(command, { cwd: labPaths.root, mayFail: true }),
    )
    if (result.exitCode === 0) count.passed += 1
    else {
      count.failed += 1
      console.log(`✖ verify: ${step}\n${result.stdout}${result.stderr}`)
    }
  }
}

/** The files of a part that match; undefined where there are none, or what they need did not start. */
async function preparedFiles(
  part: Part,
  session: LabSession,
  pattern: string,
): Promise<readonly string[] | undefined> {
  const files = globSync([...part.files], { cwd: labPaths.root }).filter((file) => file.includes(pattern))
  try {
    if (files.length === 0) throw new Error('no test file of this part matches')
    await part.prepare?.(session)
    return files.sort()
  } catch (error) {
    count.failed += 1
    failures.push(`✖ ${part.name}: what the tests need did not start: ${inspect(error)}`)
    return undefined
  }
}

/** Runs parts at once. What the last prints is seen as it comes, of the others when they have ended. */
async function runRow(row: readonly Part[], session: LabSession, pattern: string): Promise<void> {
  const prepared: (readonly [Part, readonly string[]])[] = []
  for (const part of row) {
    const files = await preparedFiles(part, session, pattern)
    if (files !== undefined) prepared.push([part, files])
  }
  const running = prepared.map(async ([part, files], index) => {
    const isLast = index === prepared.length - 1
    const title = `\n=== ${part.name}\n`
    if (isLast) process.stdout.write(title)
    const texts = [title]
    await runFiles(files, part.concurrency, (text) => {
      if (isLast) process.stdout.write(text)
      else texts.push(text)
    })
    if (!isLast) process.stdout.write(texts.join(''))
  })
  await Promise.all(running)
}

async function runFiles(
  files: readonly string[],
  concurrency: number,
  print: (text: string) => void,
): Promise<void> {
  const tests = run({ cwd: labPaths.root, files: [...files], concurrency, timeout: fileTimeoutMs })
  tests.on('test:pass', ({ details, skip, todo }) => {
    if (details.type === 'suite') return
    if (skip === undefined && todo === undefined) count.passed += 1
    else count.skipped += 1
  })
  tests.on('test:fail', ({ details, name, file = '' }) => {
    if (details.type === 'suite') return
    count.failed += 1
    const error = inspect(details.error.cause).slice(0, ERROR_CHARACTERS)
    failures.push(`✖ ${relative(labPaths.root, file)}: ${name}\n${error}`)
  })
  for await (const text of tests.compose(new spec())) print(text as string)
}

function conclude(): void {
  const skipsFail = process.env['CI'] === 'true'
  if (count.skipped > 0)
    console.log(`${count.skipped} skipped${skipsFail ? ', which counts as failed here' : ''}`)
  const failed = count.failed + (skipsFail ? count.skipped : 0)
  for (const failure of failures) console.log(failure)
  console.log(`${count.passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

const [asked = 'all', pattern = ''] = process.argv.slice(2)
const known = ['all', 'verify', ...rows.flat().map(({ name }) => name)]
if (!known.includes(asked)) {
  console.error(`no part "${asked}"; there are: ${known.join(', ')}`)
  process.exit(2)
}

// All that was started ends with this process, whatever ends it; this only says so with an exit code.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const session = openLabSession()
if (asked === 'all' || asked === 'verify') await verify()
for (const row of rows) {
  await runRow(
    row.filter(({ name }) => asked === 'all' || asked === name),
    session,
    pattern,
  )
}
await session.stop()
conclude()
