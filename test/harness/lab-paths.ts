import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** Where the lab lives: everything that it builds, caches or runs is under the one ignored folder `.lab`. */
export const labPaths = {
  root,
  lab: join(root, '.lab'),
  cache: join(root, '.lab/cache'),
  session: join(root, '.lab/run/session.json'),
  bundle: join(root, 'dist/cpufeatures.mjs'),
}

/** A fresh folder for one running thing, named for people and unique by process and count. */
export function runFolder(name: string): string {
  const folder = join(labPaths.lab, 'run', `${name}-${process.pid}-${(runs += 1)}`)
  mkdirSync(folder, { recursive: true })
  return folder
}

let runs = 0
