import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { folderTexts } from './folder-texts.ts'
import { makeInitrd } from './initrd-image.ts'
import { arm64Kernel } from './kernel.ts'
import { LAB_PATHS } from './lab-paths.ts'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

/** The kernel of every nested guest, whatever its host's. */
const GUEST_KERNEL = '6.18'

/** The folder with `vmlinuz` and `initrd.gz` of the tiny guest that says what CPU it sees (test/fixtures/guest). */
export const guestImage = async (): Promise<string> => {
  const texts = await folderTexts(join(LAB_PATHS.root, 'test/fixtures/guest'))
  const sources = [...texts.keys()].filter((path) => path.endsWith('.c'))
  const kernel = await arm64Kernel(GUEST_KERNEL)
  return artifact({
    name: 'guest',
    inputs: [...texts.values(), kernel],
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
