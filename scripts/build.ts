import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { buildHolders } from './build-holder.ts'
import { noChildProcessInCommander, tablesAsJson } from './bundle-plugins.ts'

/*
 * Bundles everything but koffi, which is native code: dist/cpufeatures.mjs, which package.json's `bin` names, and the chunks it
 * loads when they are needed. One file of all would have to be compiled whole for the smallest verb. Beside it the holder is built.
 */

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'dist')
const entry = join(dist, 'cpufeatures.mjs')

// CommonJS packages in an ES module bundle still call require for what Node has built in. Making one takes time at the start.
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);\n"
const withRequire = (text: string): string => (/\brequire\b/.test(text) ? `${REQUIRE}${text}` : text)

const result = await build({
  entryPoints: { cpufeatures: join(root, 'src/main.ts') },
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  write: false,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  external: ['koffi'],
  minify: true,
  keepNames: true,
  // By this name undici leaves out its second HTTP parser, as in Node's own build: 170 KB that only UNDICI_USE_MILO would turn on.
  define: { esbuildDetection: 'true' },
  plugins: [tablesAsJson, noChildProcessInCommander],
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
})

await mkdir(join(dist, 'chunks'), { recursive: true })
/** By renaming: somebody who starts the bundle at the same time loads the old file or the new one, never a part of it. */
const write = async (path: string, text: string, mode: number): Promise<void> => {
  const making = `${path}.${process.pid}`
  await writeFile(making, text, { mode })
  await rename(making, path)
}

// Chunks first, because the entry names them.
const [main, ...chunks] = result.outputFiles.toSorted((a) => (a.path === entry ? -1 : 1))
for (const { path, text } of chunks) await write(path, withRequire(text), 0o644)
await write(entry, `#!/usr/bin/env node\n${withRequire(main?.text ?? '')}`, 0o755)
const kept = new Set(chunks.map(({ path }) => path))
for (const name of await readdir(join(dist, 'chunks'))) {
  const path = join(dist, 'chunks', name)
  if (!kept.has(path)) await rm(path)
}

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`
const bytes = chunks.reduce((sum, { contents }) => sum + contents.length, 0)
console.log(
  `dist/cpufeatures.mjs ${kib(main?.contents.length ?? 0)}, ${chunks.length} chunks of together ${kib(bytes)}`,
)
buildHolders(dist)
