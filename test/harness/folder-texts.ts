import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The files of a folder, by path, with their texts, so that an artifact made from them is made anew when one changes. */
export const folderTexts = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const paths = (await readdir(folder)).toSorted().map((name) => join(folder, name))
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'utf8')] as const)))
}
