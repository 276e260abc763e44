import { sep } from 'node:path'
import type { Plugin } from 'esbuild'

/** A table of fewer characters is as fast either way. */
const LARGE = 2000

/** Whether a value is the same once it has been text: a bigint, a function and undefined are not. */
const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).every(isPlain)
    : value === null || ['string', 'number', 'boolean'].includes(typeof value)

const isLargeTable = (value: unknown): boolean =>
  typeof value === 'object' && isPlain(value) && JSON.stringify(value).length >= LARGE

/**
 * Large generated tables become text that JSON.parse reads at the start: V8 is twice as fast with that as with a literal of
 * JavaScript.
 */
export const tablesAsJson: Plugin = {
  name: 'tables-as-json',
  setup: (bundle) => {
    bundle.onLoad({ filter: /\.generated\.ts$/ }, async ({ path }) => {
      const tables = Object.entries((await import(path)) as Record<string, unknown>)
      if (!tables.every(([, table]) => isLargeTable(table))) return undefined
      const lines = tables.map(
        ([name, table]) => `export const ${name} = JSON.parse(${JSON.stringify(JSON.stringify(table))})`,
      )
      return { contents: lines.join('\n'), loader: 'js', watchFiles: [path] }
    })
  },
}

/**
 * commander loads node:child_process, and with it half of Node's network, for subcommands that are programs of their own. We
 * have none.
 */
export const noChildProcessInCommander: Plugin = {
  name: 'no-child-process-in-commander',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^node:child_process$/ }, ({ importer, path }) =>
      importer.includes(`${sep}commander${sep}`) ? { path, namespace: 'nothing' } : undefined,
    )
    bundle.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {}' }))
  },
}
