import { chmod, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { artifact } from './artifact-cache.ts'
import { LAB_PATHS } from './lab-paths.ts'
import { unpackNpmPackage } from './npm-package.ts'

const NPM_ARCHITECTURES = { arm64: 'arm64', amd64: 'x64' } as const

/** The version of Node that package.json names. */
export const nodeVersion = async (): Promise<string> =>
  z
    .object({ devDependencies: z.object({ node: z.string() }) })
    .parse(JSON.parse(await readFile(join(LAB_PATHS.root, 'package.json'), 'utf8'))).devDependencies.node

/** The folder with the program `node`, and its LICENSE, for an architecture; from npm. */
export const nodeRuntime = async (architecture: 'arm64' | 'amd64'): Promise<string> => {
  const version = await nodeVersion()
  return artifact({
    name: `node-runtime-${architecture}`,
    inputs: [version],
    make: async (folder) => {
      const unpacked = join(folder, 'package')
      await unpackNpmPackage(`node-linux-${NPM_ARCHITECTURES[architecture]}@${version}`, unpacked)
      await rename(join(unpacked, 'bin/node'), join(folder, 'node'))
      await chmod(join(folder, 'node'), 0o755)
      await rename(join(unpacked, 'LICENSE'), join(folder, 'LICENSE'))
      await rm(unpacked, { recursive: true })
    },
  })
}
