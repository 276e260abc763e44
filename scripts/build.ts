import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { noChildProcessInCommander, tablesAsJson } from './bundle-plugins.ts'

/*
 * Bundles everything but koffi, which is native code: dist/cpufeatures.mjs, which package.json's `bin` names, and the chunks it
 * loads when they are needed. One file of all would have to be compiled whole for the smallest verb.
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
// Chunks first, then the entry by renaming: who starts the bundle while it is built gets the old one or the new one.
const [main, ...chunks] = result.outputFiles.toSorted((a) => (a.path === entry ? -1 : 1))
for (const { path, text } of chunks) await writeFile(path, withRequire(text))
const making = `${entry}.${process.pid}`
await writeFile(making, `#!/usr/bin/env node\n${withRequire(main?.text ?? '')}`)
await chmod(making, 0o755)
await rename(making, entry)
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
