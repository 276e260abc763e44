import { chmod, rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

/* Bundles everything but koffi, which is native code, into the one file that package.json's `bin` names. */

const root = resolve(import.meta.dirname, '..')
const outfile = join(root, 'dist/cpufeatures.mjs')
// Renamed when whole: who starts the bundle while it is built gets the old one or the new one.
const making = `${outfile}.${process.pid}`

const banner = [
  '#!/usr/bin/env node',
  // CommonJS packages in an ES module bundle still call require for what Node has built in.
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
]

const result = await build({
  entryPoints: [join(root, 'src/main.ts')],
  outfile: making,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  external: ['koffi'],
  minify: true,
  keepNames: true,
  banner: { js: banner.join('\n') },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
})
await chmod(making, 0o755)
await rename(making, outfile)

const bytes = Object.values(result.metafile.outputs)[0]?.bytes ?? 0
console.log(`dist/cpufeatures.mjs ${(bytes / 1024).toFixed(0)} KiB`)
