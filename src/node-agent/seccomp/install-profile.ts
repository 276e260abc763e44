import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { textIfThere } from './runtime-config.ts'

/** Puts a file in place as a whole, if its content differs; other files of the folder stay. Returns whether it was written. */
export const installProfile = async (folder: string, name: string, text: string): Promise<boolean> => {
  const path = join(folder, name)
  if ((await textIfThere(path).catch(() => undefined)) === text) return false
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // An agent and its successor may write at the same time.
  const unfinished = join(folder, `.${name}.${process.pid}`)
  await writeFile(unfinished, text, { mode: 0o600 })
  await rename(unfinished, path)
  return true
}
