import { copyFile, mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { makeInitrd } from './initrd-image.ts'
import { arm64Kernel } from './kernel.ts'
import { labPaths } from './lab-paths.ts'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

/** The kernel of every nested guest, whatever its host's. */
const guestKernel = '6.18'

/** The folder with `vmlinuz` and `initrd.gz` of the tiny guest that says what CPU it sees (test/fixtures/guest). */
export async function guestImage(): Promise<string> {
  const folderOfSources = join(labPaths.root, 'test/fixtures/guest')
  const names = (await readdir(folderOfSources)).toSorted()
  const sources = names.filter((name) => name.endsWith('.c')).map((name) => join(folderOfSources, name))
  const kernel = await arm64Kernel(guestKernel)
  return artifact({
    name: 'guest',
    inputs: [
      ...(await Promise.all(names.map((name) => readFile(join(folderOfSources, name), 'utf8')))),
      kernel,
    ],
    make: async (folder) => {
      requireTools('aarch64-linux-gnu-gcc')
      const initrd = join(folder, 'initrd')
      await mkdir(join(initrd, 'dev'), { recursive: true })
      const flags = ['-O1', '-Wall', '-Werror', '-static', '-s']
      await runCommand(['aarch64-linux-gnu-gcc', ...flags, '-o', join(initrd, 'init'), ...sources])
      await makeInitrd(initrd, join(folder, 'initrd.gz'))
      await copyFile(join(kernel, 'vmlinuz'), join(folder, 'vmlinuz'))
      await rm(initrd, { recursive: true })
    },
  })
}
