import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** Where the lab lives: everything that it builds, caches or runs is under the one ignored folder `.lab`. */
export const LAB_PATHS = {
  root,
  lab: join(root, '.lab'),
  cache: join(root, '.lab/cache'),
  session: join(root, '.lab/run/session.json'),
  bundle: join(root, 'dist/cpufeatures.mjs'),
}

/**
 * A fresh folder for one running thing, named for people and unique by process and count. Its logs stay for a day
 * after the process has ended.
 */
export const runFolder = (name: string): string => {
  if (runs === 0) removeOldRuns()
  const folder = join(runRoot, `${name}-${process.pid}-${(runs += 1)}`)
  mkdirSync(folder, { recursive: true })
  return folder
}

let runs = 0

const runRoot = join(LAB_PATHS.lab, 'run')

const removeOldRuns = (): void => {
  mkdirSync(runRoot, { recursive: true })
  for (const entry of readdirSync(runRoot)) {
    const pid = /-(\d+)-\d+$/.exec(entry)?.[1]
    const path = join(runRoot, entry)
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue
    if (Date.now() - statSync(path).mtimeMs > 24 * 3600 * 1000) rmSync(path, { recursive: true })
  }
}
