import { join, relative, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { spec } from 'node:test/reporters'
import { inspect } from 'node:util'
import { LAB_PATHS } from './lab-paths.ts'
import { WORKER_VARIABLE } from './lab-session.ts'
import { NOTICE } from './progress.ts'

/** The results of tests, added up. */
export type TestCount = {
  passed: number
  failed: number
  skipped: number
  /** Each failed test, which is printed again at the end: file, name, error. */
  failures: string[]
  /** Milliseconds that each file took, by its path. */
  times: Map<string, number>
}

/** Guards against a file that hangs. No file is expected to come near it, not even on a slow machine. */
const FILE_TIMEOUT_MS = 40 * 60 * 1000

/** The part of an error that is printed again at the end: its assertion, without all of a guest's console. */
const ERROR_CHARACTERS = 3000

const SEVERAL_FILES = join(import.meta.dirname, 'test-batch.ts')

/**
 * Runs test files, `workers` processes at once, and adds to `count`. Each batch of files has a process of its own. A worker is a
 * number from 1 on, which the files find in their environment: no two processes of one number run at once. The output of a process
 * is printed whole, when the process has ended.
 */
export const runTestFiles = async (
  batches: readonly (readonly string[])[],
  workers: number,
  count: TestCount,
): Promise<void> => {
  const waiting = [...batches]
  const work = async (worker: number): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift())
      process.stdout.write(await runBatch(batch, worker, count))
  }
  await Promise.all(Array.from({ length: workers }, (_, index) => work(index + 1)))
}

const runBatch = async (files: readonly string[], worker: number, count: TestCount): Promise<string> => {
  const [only = '', ...others] = files
  const startedAt = performance.now()
  const tests = run({
    cwd: LAB_PATHS.root,
    ...(others.length === 0 ? { files: [only] } : { files: [SEVERAL_FILES], argv: [...files] }),
    env: { ...process.env, [WORKER_VARIABLE]: String(worker) },
    timeout: FILE_TIMEOUT_MS,
  })
  tests.on('test:pass', ({ details, skip, todo, nesting, file = only }) => {
    if (nesting === 0) addTime(count, file, details.duration_ms)
    if (details.type === 'suite') return
    if (skip === undefined && todo === undefined) count.passed += 1
    else count.skipped += 1
  })
  tests.on('test:fail', ({ details, name, nesting, file = only }) => {
    if (nesting === 0) addTime(count, file, details.duration_ms)
    if (details.type === 'suite') return
    count.failed += 1
    const error = inspect(details.error.cause).slice(0, ERROR_CHARACTERS)
    count.failures.push(`✖ ${relative(LAB_PATHS.root, file)}: ${name}\n${error}`)
  })
  // Progress lines are printed at once: together with the rest of the file they would come too late.
  tests.on('test:stderr', ({ message }) => {
    if (message.startsWith(NOTICE)) process.stderr.write(message)
  })
  const printed = await text(Readable.from(toPrint(tests)).pipe(new spec()))
  // Of a file alone the whole time is known, with what its process took to start and to end.
  if (others.length === 0) count.times.set(only, performance.now() - startedAt)
  return printed
}

const addTime = ({ times }: TestCount, file: string, milliseconds: number): void => {
  const path = relative(LAB_PATHS.root, resolve(LAB_PATHS.root, file))
  times.set(path, (times.get(path) ?? 0) + milliseconds)
}

/** Drops the totals of each file, which would be most of the output, and the lines that were printed already. */
async function* toPrint(events: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent> {
  for await (const event of events) {
    const isTold = event.type === 'test:stderr' && event.data.message.startsWith(NOTICE)
    if (event.type !== 'test:diagnostic' && !isTold) yield event
  }
}
