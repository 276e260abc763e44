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
  readonly prepare?: (session: LabSession, workers: number) => Promise<unknown>
}

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
    {
      name: 'host',
      files: ['test/harness/emulated-host.test.ts', 'test/host/**/*.test.ts'],
      workers: 2,
      prepare: (session, workers) => session.bootHosts(workers),
    },
    // The demo's assertions: it starts all of its own.
    { name: 'e2e', files: ['test/e2e/**/*.test.ts'], workers: 1 },
  ],
]
