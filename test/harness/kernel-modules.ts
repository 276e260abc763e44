import { copyFile, mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

/**
 * Copies modules of an unpacked kernel, and those they depend on, into `folder`, in the order in which insmod takes them:
 * `NN-NAME.ko`, without compression. Modules that the kernel has built in are left out.
 */
export const copyModules = async (
  names: readonly string[],
  unpacked: string,
  folder: string,
): Promise<void> => {
  await mkdir(folder, { recursive: true })
  const paths = await readdir(unpacked, { recursive: true })
  const copied = new Set<string>()
  const copy = async (name: string): Promise<void> => {
    // A module has either in the name of its file.
    const file = new RegExp(`/${name.replaceAll('_', '[_-]')}\\.ko(\\.xz)?$`)
    const path = paths.find((candidate) => file.test(candidate))
    if (path === undefined || copied.has(name)) return
    const module = join(folder, `${name}.ko`)
    await unpackModule(join(unpacked, path), module)
    for (const needed of dependencies(await readFile(module, 'latin1'))) await copy(needed)
    const place = String(copied.add(name).size).padStart(2, '0')
    await copyFile(module, join(folder, `${place}-${name}.ko`))
    await rm(module)
  }
  for (const name of names) await copy(name)
}

/** What the `.modinfo` of a module names. */
const dependencies = (module: string): string[] =>
  (/\0depends=([^\0]*)\0/.exec(module)?.[1] ?? '').split(',').filter((name) => name !== '')

/** busybox's insmod cannot read compressed modules. */
const unpackModule = async (from: string, to: string): Promise<void> => {
  if (!from.endsWith('.xz')) return copyFile(from, to)
  requireTools('xz')
  await copyFile(from, `${to}.xz`)
  await runCommand(['xz', '-d', `${to}.xz`])
}
