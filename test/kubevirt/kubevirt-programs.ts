import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from '../harness/artifact-cache.ts'
import { buildGo } from '../harness/go-build.ts'

const MODULE = join(import.meta.dirname, 'go')

/** By the name of its binary, the package of each program. `objects` is ours: it prints what virt-operator would install. */
const PACKAGES = {
  'virt-controller': 'kubevirt.io/kubevirt/cmd/virt-controller',
  'virt-api': 'kubevirt.io/kubevirt/cmd/virt-api',
  objects: './objects',
} as const

/** The path of each program. */
export type KubevirtPrograms = Readonly<Record<keyof typeof PACKAGES, string>>

/**
 * The control plane of the version of KubeVirt that go/go.mod names, from Go modules alone: the first time about 15 minutes on two
 * cores, and 140 MB.
 */
export const kubevirtPrograms = async (): Promise<KubevirtPrograms> => {
  const inputs = await Promise.all(
    ['go.mod', 'go.sum', 'objects/main.go'].map((file) => readFile(join(MODULE, file), 'utf8')),
  )
  const folder = await artifact({
    name: 'kubevirt',
    inputs,
    make: async (making) => {
      // One after the other: they have most packages in common.
      for (const [name, program] of Object.entries(PACKAGES))
        await buildGo({ module: MODULE, program, binary: join(making, name), saysKubernetesVersion: false })
    },
  })
  return Object.fromEntries(
    Object.keys(PACKAGES).map((name) => [name, join(folder, name)]),
  ) as KubevirtPrograms
}
