import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { artifact } from './artifact-cache.ts'
import { LAB_PATHS } from './lab-paths.ts'
import { unpackNpmPackage } from './npm-package.ts'
import { notice } from './progress.ts'

/** The files of a bundle by path: the entry `cpufeatures.mjs` and what it loads. */
export type BundleFiles = Readonly<Record<string, string>>

const readBundle = async (): Promise<BundleFiles> => {
  const folder = dirname(LAB_PATHS.bundle)
  const chunks = (await readdir(join(folder, 'chunks'))).sort().map((name) => `chunks/${name}`)
  const files = [basename(LAB_PATHS.bundle), ...chunks].map(async (name): Promise<[string, string]> => [
    name,
    await readFile(join(folder, name), 'utf8'),
  ])
  return Object.fromEntries(await Promise.all(files))
}

/** Builds dist/ from the sources as they are now, once per process: a second. Undefined, or why it does not build. */
const build = (): string | undefined => {
  const command = [join(LAB_PATHS.root, 'scripts/build.ts')]
  built ??= spawnSync(process.execPath, command, { encoding: 'utf8' })
  return built.status === 0 ? undefined : built.stderr
}

let built: SpawnSyncReturns<string> | undefined

/** The path of the built bundle. Tests run it, and not the sources, because it starts in a quarter of the time. */
export const builtBundle = (): string => {
  const trouble = build()
  if (trouble !== undefined) throw new Error(`the product does not build:\n${trouble}`)
  return LAB_PATHS.bundle
}

/** The built bundle. If it does not build, a host is of use all the same: its bundle says what is wrong when it is run. */
export const productBundle = async (): Promise<BundleFiles> => {
  const trouble = build()
  if (trouble === undefined) return readBundle()
  notice('the product does not build: hosts boot without it')
  return { 'cpufeatures.mjs': `console.error(${JSON.stringify(trouble)})\nprocess.exit(1)\n` }
}

/** The folder with the one package that the bundle needs beside it, for an architecture: a `node_modules`. */
export const koffiFor = async (architecture: 'arm64' | 'amd64'): Promise<string> => {
  const version = await koffiVersion()
  return artifact({
    name: `koffi-${architecture}`,
    inputs: [version],
    make: async (folder) => {
      await unpackNpmPackage(`koffi@${version}`, join(folder, 'koffi'))
      const native = `@koromix/koffi-linux-${architecture === 'arm64' ? 'arm64' : 'x64'}`
      await unpackNpmPackage(`${native}@${version}`, join(folder, native))
    },
  })
}

const koffiVersion = async (): Promise<string> =>
  z
    .object({ dependencies: z.object({ koffi: z.string() }) })
    .parse(JSON.parse(await readFile(join(LAB_PATHS.root, 'package.json'), 'utf8'))).dependencies.koffi
