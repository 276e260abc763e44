import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import type { HostAccess } from './host-access.ts'

/** Puts a program of the tests into an emulated host, as one file beside the product's own koffi: its path there, for `node`. */
export const putProgram = async (host: HostAccess, entry: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'program-'))
  const name = basename(entry).replace(/\.ts$/, '.mjs')
  try {
    await build({
      entryPoints: [entry],
      outfile: join(folder, name),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      external: ['koffi'],
    })
    await host.put(join(folder, name), `/opt/cpufeatures/${name}`)
  } finally {
    await rm(folder, { recursive: true })
  }
  return `/opt/cpufeatures/${name}`
}
