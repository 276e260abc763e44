import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { labPaths } from './lab-paths.ts'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

/** The folder with `vmm`, the small VMM for odd cases (test/fixtures/vmm), static: to be put into any arm64 host. */
export async function vmmImage(): Promise<string> {
  const source = join(labPaths.root, 'test/fixtures/vmm/vmm.c')
  return artifact({
    name: 'vmm',
    inputs: [await readFile(source, 'utf8')],
    make: async (folder) => {
      requireTools('aarch64-linux-gnu-gcc')
      const flags = ['-O2', '-Wall', '-Werror', '-static', '-s', '-pthread']
      await runCommand(['aarch64-linux-gnu-gcc', ...flags, '-o', join(folder, 'vmm'), source])
    },
  })
}
