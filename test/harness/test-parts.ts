import { controlPlanePrograms } from './control-plane-binary.ts'
import type { LabSession } from './lab-session.ts'

/** A part of the tests: node test/run.ts NAME runs it alone. */
export type TestPart = {
  readonly name: string
  readonly files: readonly string[]
  /** How many processes run at once. */
  readonly workers: number
  /** So many processes share the files; if not given, each file has one of its own. */
  readonly batches?: number
  /** Runs only when it is asked for by name: its files are in another part too. */
  readonly onlyByName?: true
  readonly prepare?: (session: LabSession, workers: number) => Promise<unknown>
}

const MAIN_ROAD = 'test/e2e/**/*.test.ts'

const bootHosts: TestPart['prepare'] = (session, workers) => session.bootHosts(workers)

/**
 * The parts, in the order they run; those of one row run beside each other. An emulated host has one CPU: two workers with hosts of
 * their own use two cores. Tests of the control plane mostly wait, and leave them to the hosts.
 */
export const TEST_PARTS: readonly (readonly TestPart[])[] = [
  [
    {
      name: 'unit',
      files: [
        'src/**/*.test.ts',
        'test/harness/{process,kernel}.test.ts',
        'test/{fixtures,faults,golden}/**/*.test.ts',
      ],
      workers: 2,
      batches: 8,
    },
  ],
  [
    {
      name: 'integration',
      files: ['test/harness/control-plane.test.ts', 'test/integration/**/*.test.ts'],
      workers: 1,
      prepare: () => controlPlanePrograms(),
    },
    // The longest file comes first, and mostly waits: the demo's assertions, on hosts that other files use after it.
    {
      name: 'host',
      files: [MAIN_ROAD, 'test/harness/emulated-host.test.ts', 'test/host/**/*.test.ts'],
      workers: 2,
      prepare: bootHosts,
    },
    { name: 'e2e', files: [MAIN_ROAD], workers: 1, onlyByName: true, prepare: bootHosts },
  ],
]
