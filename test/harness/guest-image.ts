import { copyFile, mkdir, readFile, rm } from 'node:fs/promises'
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
  const source = join(labPaths.root, 'test/fixtures/guest/init.c')
  const kernel = await arm64Kernel(guestKernel)
  return artifact({
    name: 'guest',
    inputs: [await readFile(source, 'utf8'), kernel],
    make: async (folder) => {
      requireTools('aarch64-linux-gnu-gcc')
      const initrd = join(folder, 'initrd')
      await mkdir(join(initrd, 'dev'), { recursive: true })
      const flags = ['-O1', '-Wall', '-Werror', '-static', '-s']
      await runCommand(['aarch64-linux-gnu-gcc', ...flags, '-o', join(initrd, 'init'), source])
      await makeInitrd(initrd, join(folder, 'initrd.gz'))
      await copyFile(join(kernel, 'vmlinuz'), join(folder, 'vmlinuz'))
      await rm(initrd, { recursive: true })
    },
  })
}
