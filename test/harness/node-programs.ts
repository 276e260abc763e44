import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { buildGo, kubernetesVersion } from './go-build.ts'

const NODE_PROGRAMS = ['kubelet', 'kvm-plugin'] as const

/** The path of each program that a node runs beside its container runtime. */
export type NodePrograms = Record<(typeof NODE_PROGRAMS)[number], string>

const module = join(import.meta.dirname, 'node-programs')
const controlPlane = join(import.meta.dirname, 'control-plane/go')

/** The arm64 kubelet, of the control plane's version, and the device plugin for /dev/kvm, built of Go modules (about five minutes). */
export const nodePrograms = async (): Promise<NodePrograms> => {
  const [own, version] = await Promise.all([kubernetesVersion(module), kubernetesVersion(controlPlane)])
  if (own !== version) throw new Error(`the kubelet is ${own}, and the control plane is ${version}`)
  const shared = await Promise.all(['go.mod', 'go.sum'].map((file) => readFile(join(module, file), 'utf8')))
  const built: [string, string][] = []
  // One after the other, because each build uses all cores.
  for (const name of NODE_PROGRAMS) built.push([name, await program(name, shared)])
  return Object.fromEntries(built) as NodePrograms
}

const program = async (name: string, shared: readonly string[]): Promise<string> => {
  const folder = await artifact({
    name,
    inputs: [...shared, await readFile(join(module, name, 'main.go'), 'utf8')],
    make: (making) =>
      buildGo({ module, program: `./${name}`, binary: join(making, name), architecture: 'arm64' }),
  })
  return join(folder, name)
}
