import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from '../harness/artifact-cache.ts'
import { runCommand } from '../harness/process.ts'
import { requireTools } from '../harness/tools.ts'

const MODULE = join(import.meta.dirname, 'nfd-worker')
const NFD = 'sigs.k8s.io/node-feature-discovery'

/** The worker of Node Feature Discovery, the agent that most clusters with labels of CPU features run, and the file of its CRDs. */
export const nfdWorker = async (): Promise<{ program: string; crds: string }> => {
  requireTools('go')
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'auto', GOFLAGS: '' }
  const sums = await readFile(join(MODULE, 'go.sum'), 'utf8')
  const folder = await artifact({
    name: 'nfd-worker',
    inputs: [sums],
    make: async (making) => {
      const binary = join(making, 'nfd-worker')
      await runCommand(
        ['go', 'build', '-buildvcs=false', '-trimpath', '-o', binary, `${NFD}/cmd/nfd-worker`],
        {
          cwd: MODULE,
          env,
        },
      )
    },
  })
  const { stdout } = await runCommand(['go', 'list', '-m', '-f', '{{.Dir}}', NFD], { cwd: MODULE, env })
  return {
    program: join(folder, 'nfd-worker'),
    crds: join(stdout.trim(), 'deployment/base/nfd-crds/nfd-api-crds.yaml'),
  }
}
