import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './process.ts'

/** Unpacks a package of the npm registry, e.g. `koffi@3.3.4`, into `folder`, also for another CPU than this machine's. */
export const unpackNpmPackage = async (specifier: string, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true })
  const { stdout } = await runCommand(['npm', 'pack', '--silent', '--pack-destination', folder, specifier])
  const archive = join(folder, stdout.trim().split('\n').at(-1) ?? '')
  await runCommand(['tar', '-xzf', archive, '-C', folder, '--strip-components=1'])
  await runCommand(['rm', archive])
}
