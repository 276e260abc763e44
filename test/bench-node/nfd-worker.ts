import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from '../harness/artifact-cache.ts'
import { buildGo } from '../harness/go-build.ts'
import { runCommand } from '../harness/process.ts'

const MODULE = join(import.meta.dirname, 'nfd-worker')
const NFD = 'sigs.k8s.io/node-feature-discovery'

/** The worker of Node Feature Discovery, the agent that most clusters with labels of CPU features run, and the file of its CRDs. */
export const nfdWorker = async (): Promise<{ program: string; crds: string }> => {
  const sums = await readFile(join(MODULE, 'go.sum'), 'utf8')
  const folder = await artifact({
    name: 'nfd-worker',
    inputs: [sums],
    make: async (making) => {
      await buildGo({
        module: MODULE,
        program: `${NFD}/cmd/nfd-worker`,
        binary: join(making, 'nfd-worker'),
      })
    },
  })
  const { stdout } = await runCommand(['go', 'list', '-m', '-f', '{{.Dir}}', NFD], { cwd: MODULE })
  return {
    program: join(folder, 'nfd-worker'),
    crds: join(stdout.trim(), 'deployment/base/nfd-crds/nfd-api-crds.yaml'),
  }
}
