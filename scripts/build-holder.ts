import { spawnSync } from 'node:child_process'
import { readFileSync, renameSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/*
 * Builds the holder: dist/holder-arm64 and dist/holder-amd64, static, so that the image needs nothing beside them. The same compiler makes
 * the same bytes of it.
 */

const root = resolve(import.meta.dirname, '..')
const SOURCE = join(root, 'src/holder/holder.c')

/** The names that images have for architectures, and the compilers that Debian has for them. */
const COMPILERS = { arm64: 'aarch64-linux-gnu-gcc', amd64: 'x86_64-linux-gnu-gcc' } as const

export type HolderArchitecture = keyof typeof COMPILERS

const FLAGS = [
  ...['-std=gnu11', '-Os', '-Wall', '-Wextra', '-Werror', '-static', '-s'],
  ...['-fstack-protector-strong', '-D_FORTIFY_SOURCE=2', '-Wl,--build-id=none', '-Wl,-z,noseparate-code'],
]

const productVersion = (): string =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }).version

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** All that the program depends on, beside the compiler. */
const isUpToDate = (path: string): boolean =>
  [SOURCE, import.meta.filename, join(root, 'package.json')].every(
    (input) => changedAt(input) < changedAt(path),
  )

export type HolderBuild = 'built' | 'up to date' | 'no compiler'

/** Builds the holder for an architecture at a path, if it is not there already. Throws with the compiler's message if it fails. */
export const buildHolder = (architecture: HolderArchitecture, path: string): HolderBuild => {
  if (isUpToDate(path)) return 'up to date'
  const making = `${path}.${process.pid}`
  const command = [...FLAGS, `-DHOLDER_VERSION="${productVersion()}"`, '-o', making, SOURCE]
  const { status, stderr, error } = spawnSync(COMPILERS[architecture], command, { encoding: 'utf8' })
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return 'no compiler'
  if (status !== 0) throw new Error(`${COMPILERS[architecture]}: ${error?.message ?? stderr}`)
  renameSync(making, path)
  return 'built'
}

/** Builds it for every architecture that there is a compiler for, and says so. */
export const buildHolders = (dist: string): void => {
  for (const architecture of ['arm64', 'amd64'] as const) {
    const path = join(dist, `holder-${architecture}`)
    const result = buildHolder(architecture, path)
    const size = (): string => `${(statSync(path).size / 1024).toFixed(0)} KiB`
    const said = result === 'no compiler' ? `not built: ${COMPILERS[architecture]} is not there` : size()
    console.log(`dist/holder-${architecture} ${said}`)
  }
}
