import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WIDEST_IOCTLS } from '../../src/launch/decide/widest-ioctls.ts'
import { writeLossless } from '../../src/node-agent/seccomp/lossless-json.ts'
import { notifyingFilter } from '../../src/node-agent/seccomp/notifying-filter.ts'
import { ALLOW } from '../../src/node-agent/seccomp/oci-seccomp.ts'
import { ProgressBar } from '../differential/progress-bar.ts'
import { eventually } from '../harness/eventually.ts'
import { openFiles } from '../harness/holder-process.ts'
import { runCommand } from '../harness/process.ts'
import { requireTools } from '../harness/tools.ts'
import { startAgentHere, type AgentHere } from './agent-here.ts'
import { processCost, type ProcessCost } from './process-cost.ts'

/** At once, as the probes of several containers. */
const LANES = 4
/** Before the first look: what is loaded once is loaded by then. */
const WARM_UP = 200

/** The container's only program: it waits for its end without an argument, and ends with one. */
const PROGRAM = '#include <unistd.h>\nint main(int argc, char **argv) { if (argc < 2) pause(); return 0; }\n'

/** A detached container keeps the output that its runtime had: a pipe would never end. */
const START =
  'runc --root "$0" run --detach --bundle "$1" probed < /dev/null > "$0.log" 2>&1 || { cat "$0.log"; false; }'

/** What the CRI plugin of containerd writes, with which the agent finds the pod. */
const ANNOTATIONS = {
  'io.kubernetes.cri.container-name': 'vm',
  'io.kubernetes.cri.sandbox-name': 'probed',
  'io.kubernetes.cri.sandbox-namespace': 'default',
  'io.kubernetes.cri.sandbox-uid': '2f1b8a52-9a17-4f5d-8f62-0c8a3f0b7d11',
}

/** A bundle whose processes have a profile of ours; resolves with its folder. */
const makeBundle = async ({ node }: AgentHere): Promise<string> => {
  const bundle = join(node.folder, 'bundle')
  mkdirSync(join(bundle, 'rootfs'), { recursive: true })
  await runCommand(['gcc', '-static', '-O2', '-x', 'c', '-o', join(bundle, 'rootfs/program'), '-'], {
    input: PROGRAM,
  })
  const made = notifyingFilter({ defaultAction: ALLOW, syscalls: [] }, WIDEST_IOCTLS, {
    path: node.runtimeSocket,
    metadata: 'unconfined',
  })
  if (made.kind === 'unusable') throw new Error(made.reason)
  writeFileSync(
    join(bundle, 'config.json'),
    writeLossless({
      ociVersion: '1.0.2',
      annotations: ANNOTATIONS,
      process: { user: { uid: 0, gid: 0 }, args: ['/program'], cwd: '/', env: [], noNewPrivileges: true },
      root: { path: 'rootfs' },
      mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
      linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }], seccomp: made.filter },
    }),
  )
  return bundle
}

type Looked = Readonly<Record<'holder' | 'agent', ProcessCost>> & { readonly files: number }

/** Once all that ended before has been noticed. */
const look = async (here: AgentHere, files: number | undefined): Promise<Looked> => {
  if (files !== undefined)
    await eventually('the holder has forgotten the last ones', () =>
      Promise.resolve(openFiles(here.holder.pid) <= files || undefined),
    ).catch(() => undefined)
  return {
    holder: processCost(here.holder.pid),
    agent: processCost(here.agent.pid),
    files: readdirSync(join(here.stateFolder, 'launches')).length,
  }
}

const row = (what: string, before: number, after: number): string =>
  `  ${what.padEnd(44)}${String(before).padStart(10)}${String(after).padStart(10)}`

/**
 * What so many exec probes of a container leave behind in the holder and the node-agent: real runc, whose every `exec` sends a listener.
 * Resolves with what was found wrong.
 */
export const benchExecs = async (times: number): Promise<string[]> => {
  requireTools('gcc', 'runc')
  const here = await startAgentHere()
  const root = join(here.node.folder, 'runc')
  const runc = (args: readonly string[]) => runCommand(['runc', '--root', root, ...args])
  try {
    await runCommand(['sh', '-c', START, root, await makeBundle(here)])
    let left = 0
    const lane = async (step: () => void): Promise<void> => {
      while (left > 0) {
        left -= 1
        await runc(['exec', 'probed', '/program', 'end'])
        step()
      }
    }
    const probe = async (count: number, step: () => void): Promise<void> => {
      left = count
      await Promise.all(Array.from({ length: LANES }, () => lane(step)))
    }
    await probe(WARM_UP, () => undefined)
    const before = await look(here, undefined)
    const bar = new ProgressBar(times)
    await probe(times, () => {
      bar.step('exec probes')
    })
    const after = await look(here, before.holder.openFiles)
    console.log(
      [
        `${times} exec probes of a container with runc, ${LANES} at once`.padEnd(46) + '    before     after',
        row('open files of the holder', before.holder.openFiles, after.holder.openFiles),
        row('open files of the node-agent', before.agent.openFiles, after.agent.openFiles),
        row('mappings of the node-agent', before.agent.mappings, after.agent.mappings),
        row('files of launches', before.files, after.files),
        row('resident memory of the holder, KiB', before.holder.residentKib, after.holder.residentKib),
        row('resident memory of the node-agent, KiB', before.agent.residentKib, after.agent.residentKib),
      ].join('\n'),
    )
    const grown = [
      ['open files of the holder', before.holder.openFiles, after.holder.openFiles],
      ['open files of the node-agent', before.agent.openFiles, after.agent.openFiles],
      ['files of launches', before.files, after.files],
    ] as const
    return grown.flatMap(([what, was, is]) => (is > was ? [`${what}: ${was} before, ${is} after`] : []))
  } finally {
    await runc(['delete', '--force', 'probed']).catch(() => undefined)
    await here.stop()
  }
}
