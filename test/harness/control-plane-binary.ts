import { existsSync } from 'node:fs'
import { readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { buildGo, kubernetesVersion } from './go-build.ts'

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
  return artifact({
    name: 'control-plane',
    inputs: [...files, await kubernetesVersion(source)],
    make: async (folder) => {
      await buildGo({ module: source, program: '.', binary: join(folder, 'control-plane') })
      for (const program of PROGRAMS) await symlink('control-plane', join(folder, program))
    },
  })
}
