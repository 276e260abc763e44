import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { artifact } from './artifact-cache.ts'
import { LAB_PATHS } from './lab-paths.ts'
import { unpackNpmPackage } from './npm-package.ts'
import { runCommand } from './process.ts'
import type { CommandResult } from './process.ts'
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

/**
 * The bundle in dist/, built from the sources as they are now (a second). Where they do not build, a
 * host is of use all the same: its bundle says what was wrong when it is run.
 */
export const productBundle = async (): Promise<BundleFiles> => {
  built ??= runCommand([process.execPath, join(LAB_PATHS.root, 'scripts/build.ts')], { mayFail: true })
  const { exitCode, stderr } = await built
  if (exitCode === 0) return readBundle()
  notice('the product does not build: hosts boot without it')
  return { 'cpufeatures.mjs': `console.error(${JSON.stringify(stderr)})\nprocess.exit(1)\n` }
}

let built: Promise<CommandResult> | undefined

/** The folder with the one package that the bundle needs beside it, for arm64: a `node_modules`. */
export const koffiForArm64 = async (): Promise<string> => {
  const manifest = z
    .object({ dependencies: z.object({ koffi: z.string() }) })
    .parse(JSON.parse(await readFile(join(LAB_PATHS.root, 'package.json'), 'utf8')))
  const version = manifest.dependencies.koffi
  return artifact({
    name: 'koffi-arm64',
    inputs: [version],
    make: async (folder) => {
      await unpackNpmPackage(`koffi@${version}`, join(folder, 'koffi'))
      const native = '@koromix/koffi-linux-arm64'
      await unpackNpmPackage(`${native}@${version}`, join(folder, native))
    },
  })
}
