import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { labPaths } from './lab-paths.ts'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

const PROGRAMS = ['vmm', 'fault'] as const

/**
 * The folder with `vmm`, the small VMM for odd cases, and `fault`, which does something to a launch at a chosen moment
 * (test/fixtures/vmm), static: to be put into any arm64 host.
 */
export async function vmmImage(): Promise<string> {
  const sources = PROGRAMS.map((name) => join(labPaths.root, `test/fixtures/vmm/${name}.c`))
  return artifact({
    name: 'vmm',
    inputs: await Promise.all(sources.map((source) => readFile(source, 'utf8'))),
    make: async (folder) => {
      requireTools('aarch64-linux-gnu-gcc')
      const flags = ['-O2', '-Wall', '-Werror', '-static', '-s', '-pthread']
      for (const name of PROGRAMS) {
        const source = join(labPaths.root, `test/fixtures/vmm/${name}.c`)
        await runCommand(['aarch64-linux-gnu-gcc', ...flags, '-o', join(folder, name), source])
      }
    },
  })
}
