import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { LAB_PATHS } from './lab-paths.ts'
import { progress } from './progress.ts'

/**
 * A thing made once and kept: `make` fills a folder; `inputs` is all that its content depends on. An input may be the folder of another
 * artifact, whose name says what is in it. Where the cache lies changes nothing.
 */
export type Recipe = {
  name: string
  inputs: readonly string[]
  make: (folder: string) => Promise<void>
}

/**
 * The folder of a made artifact. Made at the first call and again when its inputs change; two runs at once make
 * it once; a run that dies while making leaves nothing that looks made.
 */
export const artifact = async (recipe: Recipe): Promise<string> => {
  const inputs = recipe.inputs.map((input) => input.replaceAll(LAB_PATHS.cache, ''))
  const hash = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12)
  const folder = join(LAB_PATHS.cache, `${recipe.name}@${hash}`)
  if (existsSync(folder)) return folder
  await mkdir(LAB_PATHS.cache, { recursive: true })
  const release = await lock(join(LAB_PATHS.cache, `${recipe.name}.lock`))
  try {
    if (existsSync(folder)) return folder
    await removeOthers(recipe.name)
    const making = `${folder}.making`
    await mkdir(making)
    await progress(`making ${recipe.name}`, () => recipe.make(making))
    await rename(making, folder)
    return folder
  } finally {
    await release()
  }
}

/**
 * What a dead run left half made, and earlier versions that nobody can be about to open: another run with other
 * inputs may have been given its folder a moment ago.
 */
const removeOthers = async (name: string): Promise<void> => {
  for (const entry of await readdir(LAB_PATHS.cache)) {
    if (!entry.startsWith(`${name}@`)) continue
    const path = join(LAB_PATHS.cache, entry)
    const ageMs = Date.now() - (await stat(path)).mtimeMs
    if (entry.endsWith('.making') || ageMs > 3600_000) await rm(path, { recursive: true })
  }
}

const lock = async (file: string): Promise<() => Promise<void>> => {
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' })
      return () => rm(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (await holderIsGone(file)) await rm(file, { force: true })
    else await delay(500)
  }
}

const holderIsGone = async (file: string): Promise<boolean> => {
  const pid = Number(await readFile(file, 'utf8').catch(() => '0'))
  // 0: the lock was released in between, or its holder has not written its id yet.
  return pid !== 0 && !existsSync(`/proc/${pid}`)
}
