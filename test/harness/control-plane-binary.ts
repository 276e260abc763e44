import { existsSync } from 'node:fs'
import { readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'kubectl'] as const

/** The path of each program of a control plane. */
export type ControlPlanePrograms = Record<(typeof PROGRAMS)[number], string>

const source = join(import.meta.dirname, 'control-plane/go')

/**
 * The control plane's programs: from KUBEBUILDER_ASSETS those that are there, the others from one binary built
 * of Go modules (about seven minutes and 125 MB the first time).
 */
export const controlPlanePrograms = async (
  needed: readonly (keyof ControlPlanePrograms)[] = PROGRAMS,
): Promise<ControlPlanePrograms> => {
  const assets = process.env['KUBEBUILDER_ASSETS'] ?? ''
  const inAssets = (program: string): boolean => assets !== '' && existsSync(join(assets, program))
  const built = needed.every(inAssets) ? assets : await builtPrograms()
  const path = (program: string): string => join(inAssets(program) ? assets : built, program)
  return Object.fromEntries(PROGRAMS.map((program) => [program, path(program)])) as ControlPlanePrograms
}

const builtPrograms = async (): Promise<string> => {
  const files = await Promise.all(
    ['main.go', 'go.mod', 'go.sum'].map((file) => readFile(join(source, file), 'utf8')),
  )
  const version = kubernetesVersion(files[1] ?? '')
  return artifact({
    name: 'control-plane',
    inputs: [...files, version],
    make: (folder) => build(folder, version),
  })
}

/** The version that go.mod names: without it in the binary kubectl cannot parse the server's version. */
const kubernetesVersion = (goMod: string): string => {
  const version = /k8s\.io\/kubernetes (v[\d.]+)/.exec(goMod)?.[1]
  if (version === undefined) throw new Error('control-plane/go/go.mod does not require k8s.io/kubernetes')
  return version
}

const build = async (folder: string, version: string): Promise<void> => {
  requireTools('go')
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? []
  const stamp = 'k8s.io/component-base/version'
  const flags = `-s -w -X ${stamp}.gitVersion=${version} -X ${stamp}.gitMajor=${major ?? ''} -X ${stamp}.gitMinor=${minor ?? ''}`
  const binary = join(folder, 'control-plane')
  await runCommand(['go', 'build', '-buildvcs=false', '-trimpath', '-ldflags', flags, '-o', binary, '.'], {
    cwd: source,
    // auto: an older Go (1.21 or later) takes the toolchain that go.mod asks for as a module.
    env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'auto', GOFLAGS: '' },
  })
  for (const program of PROGRAMS) await symlink('control-plane', join(folder, program))
}
