import { controlPlanePrograms } from './control-plane-binary.ts'
import { nodeArtifacts } from './emulated-node.ts'
import { RUNTIME_SUITES } from './node-root.ts'
import type { LabSession } from './lab-session.ts'
import { kubevirtPrograms } from '../kubevirt/kubevirt-programs.ts'

/** Files with a process each; or files that so many processes share, with the modules and servers that these load and start. */
export type TestFiles = string | { readonly shared: readonly string[]; readonly processes: number }

/** A part of the tests: node test/run.ts NAME runs it alone. */
export type TestPart = {
  readonly name: string
  readonly files: readonly TestFiles[]
  /** How many processes run at once. */
  readonly workers: number
  /** Runs only when it is asked for by name: its files are in another part too. */
  readonly onlyByName?: true
  readonly prepare?: (session: LabSession, workers: number) => Promise<unknown>
}

const MAIN_ROAD = 'test/e2e/**/*.test.ts'

const bootHosts: TestPart['prepare'] = (session, workers) => session.bootHosts(workers)

/**
 * The parts, in the order they run; those of one row run beside each other. An emulated host has one CPU: two workers with hosts of
 * their own use two cores, and leave gaps that tests of the control plane fill.
 */
export const TEST_PARTS: readonly (readonly TestPart[])[] = [
  [
    {
      name: 'unit',
      files: [
        {
          shared: [
            'src/**/*.test.ts',
            'test/harness/{process,kernel}.test.ts',
            'test/{fixtures,faults,node-faults,controller-faults,golden,bench-launch,replay,deploy}/**/*.test.ts',
          ],
          processes: 8,
        },
      ],
      workers: 2,
    },
    { name: 'runtimes', files: ['test/runtimes/*.test.ts'], workers: 1 },
  ],
  [
    {
      name: 'integration',
      files: [
        'test/harness/control-plane.test.ts',
        'test/image/*.test.ts',
        { shared: ['test/integration/api/*.test.ts'], processes: 1 },
        { shared: ['test/integration/cli/*.test.ts'], processes: 2 },
        'test/integration/{controller,kube,holder,deploy}/*.test.ts',
      ],
      workers: 1,
      prepare: () => controlPlanePrograms(),
    },
    // The longest files come first, so that the two workers end at about the same time: the main road, and files with hosts of
    // their own.
    {
      name: 'host',
      files: [
        MAIN_ROAD,
        'test/host/{qemus,discovery}/*.test.ts',
        'test/host/**/*.test.ts',
        'test/harness/emulated-host.test.ts',
      ],
      workers: 2,
      prepare: bootHosts,
    },
    { name: 'e2e', files: [MAIN_ROAD], workers: 1, onlyByName: true, prepare: bootHosts },
  ],
  // Alone, because a node has two CPUs.
  [
    {
      name: 'node',
      files: [{ shared: ['test/node/*.test.ts'], processes: 1 }],
      workers: 1,
      prepare: () => nodeArtifacts('forky'),
    },
    // Further nodes take as long again, each time, so only `make e2e` boots them.
    {
      name: 'nodes',
      files: ['test/nodes/*.test.ts'],
      workers: 1,
      onlyByName: true,
      // One after the other: apt locks its lists.
      prepare: async () => {
        for (const suite of RUNTIME_SUITES) await nodeArtifacts(suite)
      },
    },
    // KubeVirt takes a quarter of an hour to build, and its timeouts minutes: `make test` uses pods that were recorded.
    {
      name: 'kubevirt',
      files: [{ shared: ['test/kubevirt/*.test.ts'], processes: 1 }],
      workers: 1,
      onlyByName: true,
      prepare: async () => {
        await controlPlanePrograms()
        await kubevirtPrograms()
      },
    },
  ],
]
