import { relative } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { spec } from 'node:test/reporters'
import { inspect } from 'node:util'
import { LAB_PATHS } from './lab-paths.ts'
import { WORKER_VARIABLE } from './lab-session.ts'

/** What came of tests. */
export type TestCount = {
  passed: number
  failed: number
  skipped: number
  /** Of each failed one, for the end: file, name, error. */
  failures: string[]
}

/** A file that hangs ends itself, not the night. */
const FILE_TIMEOUT_MS = 20 * 60 * 1000

/** Of an error that is told again at the end: its assertion, without all of a guest's console. */
const ERROR_CHARACTERS = 3000

/**
 * Runs each test file in a process of its own, `workers` of them at once, and adds to `count`. A worker is a number from 1 on, which the
 * files it runs find in their environment: they share its hosts with no other. What a file prints comes whole, when it has ended.
 */
export const runTestFiles = async (
  files: readonly string[],
  workers: number,
  count: TestCount,
): Promise<void> => {
  const waiting = [...files]
  const work = async (worker: number): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift())
      process.stdout.write(await runTestFile(file, worker, count))
  }
  await Promise.all(Array.from({ length: workers }, (_, index) => work(index + 1)))
}

const runTestFile = async (file: string, worker: number, count: TestCount): Promise<string> => {
  const env = { ...process.env, [WORKER_VARIABLE]: String(worker) }
  const tests = run({ cwd: LAB_PATHS.root, files: [file], env, timeout: FILE_TIMEOUT_MS })
  tests.on('test:pass', ({ details, skip, todo }) => {
    if (details.type === 'suite') return
    if (skip === undefined && todo === undefined) count.passed += 1
    else count.skipped += 1
  })
  tests.on('test:fail', ({ details, name, file: place = file }) => {
    if (details.type === 'suite') return
    count.failed += 1
    const error = inspect(details.error.cause).slice(0, ERROR_CHARACTERS)
    count.failures.push(`✖ ${relative(LAB_PATHS.root, place)}: ${name}\n${error}`)
  })
  return text(Readable.from(withoutTotals(tests)).pipe(new spec()))
}

/** The totals of each file would be most of what is printed. */
async function* withoutTotals(events: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent> {
  for await (const event of events) if (event.type !== 'test:diagnostic') yield event
}
