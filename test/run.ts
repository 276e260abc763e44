import { globSync } from 'node:fs'
import { inspect } from 'node:util'
import { controlPlanePrograms } from './harness/control-plane-binary.ts'
import { LAB_PATHS } from './harness/lab-paths.ts'
import { openLabSession } from './harness/lab-session.ts'
import type { LabSession } from './harness/lab-session.ts'
import { runCommand } from './harness/process.ts'
import { progress } from './harness/progress.ts'
import { runTestFiles } from './harness/run-test-files.ts'
import type { TestCount } from './harness/run-test-files.ts'

/*
 * Runs all tests in order, or one part: node test/run.ts [PART [PATTERN]], where PATTERN is part of a file's path.
 * Closes with what failed, told again, and the line `N passed, N failed`, the steps of verify counted too. With CI=true a skipped test
 * has failed.
 */

type Part = {
  name: string
  files: readonly string[]
  /** How many files run at once. An emulated host has one CPU: two workers with hosts of their own use two cores. */
  workers: number
  prepare?: (session: LabSession, workers: number) => Promise<unknown>
}

const VERIFY_STEPS = ['format', 'lint', 'types', 'generated', 'architecture']

const PARTS: readonly Part[] = [
  {
    name: 'unit',
    files: [
      'src/**/*.test.ts',
      'test/harness/{process,kernel}.test.ts',
      'test/{fixtures,faults,golden}/**/*.test.ts',
    ],
    workers: 2,
  },
  {
    name: 'integration',
    files: ['test/harness/control-plane.test.ts', 'test/integration/**/*.test.ts'],
    workers: 2,
    prepare: () => controlPlanePrograms(),
  },
  {
    name: 'host',
    files: ['test/harness/emulated-host.test.ts', 'test/host/**/*.test.ts'],
    workers: 2,
    prepare: (session, workers) => session.bootHosts(workers),
  },
  // The demo's assertions: it starts all of its own.
  {
    name: 'e2e',
    files: ['test/e2e/**/*.test.ts'],
    workers: 1,
    prepare: (session) => session.stop(),
  },
]

const COUNT: TestCount = { passed: 0, failed: 0, skipped: 0, failures: [] }

const verify = async (): Promise<void> => {
  for (const step of VERIFY_STEPS) {
    const command = ['npm', 'run', '-s', `verify:${step}`]
    const result = await progress(`verify: ${step}`, () =>
      runCommand(command, { cwd: LAB_PATHS.root, mayFail: true }),
    )
    if (result.exitCode === 0) COUNT.passed += 1
    else {
      COUNT.failed += 1
      console.log(`✖ verify: ${step}\n${result.stdout}${result.stderr}`)
    }
  }
}

/** Runs the files of a part that match. */
const runPart = async ({ name, files, workers, prepare }: Part, session: LabSession): Promise<void> => {
  const matching = globSync([...files], { cwd: LAB_PATHS.root }).filter((file) => file.includes(pattern))
  const used = Math.min(workers, matching.length)
  try {
    if (used === 0) throw new Error('no test file of this part matches')
    await prepare?.(session, used)
  } catch (error) {
    COUNT.failed += 1
    COUNT.failures.push(`✖ ${name}: what the tests need did not start: ${inspect(error)}`)
    return
  }
  console.log(`\n=== ${name}`)
  await runTestFiles(matching.sort(), used, COUNT)
}

const conclude = (): void => {
  const skipsFail = process.env['CI'] === 'true'
  if (COUNT.skipped > 0)
    console.log(`${COUNT.skipped} skipped${skipsFail ? ', which counts as failed here' : ''}`)
  const failed = COUNT.failed + (skipsFail ? COUNT.skipped : 0)
  for (const failure of COUNT.failures) console.log(failure)
  console.log(`${COUNT.passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

const [asked = 'all', pattern = ''] = process.argv.slice(2)
const KNOWN = ['all', 'verify', ...PARTS.map(({ name }) => name)]
if (!KNOWN.includes(asked)) {
  console.error(`no part "${asked}"; there are: ${KNOWN.join(', ')}`)
  process.exit(2)
}

// All that was started ends with this process, whatever ends it; this only says so with an exit code.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const session = openLabSession()
if (asked === 'all' || asked === 'verify') await verify()
for (const part of PARTS) if (asked === 'all' || asked === part.name) await runPart(part, session)
await session.stop()
conclude()
