import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { makeDiskImage } from './disk-image.ts'
import { folderTexts } from './folder-texts.ts'
import { hostAgentBundle } from './host-agent-bundle.ts'
import { nodePrograms } from './node-programs.ts'

/** The path of the disk image that each node has as /opt: its init, the agent for commands, kubelet and device plugin. */
export const nodeFilesImage = async (): Promise<string> => {
  const [programs, agent, texts] = await Promise.all([
    nodePrograms(),
    hostAgentBundle(),
    folderTexts(join(import.meta.dirname, 'node-files')),
  ])
  const folder = await artifact({
    name: 'node-files',
    inputs: [
      JSON.stringify(programs),
      agent,
      ...texts.values(),
      await readFile(import.meta.filename, 'utf8'),
    ],
    make: async (making) => {
      const opt = join(making, 'opt')
      for (const inside of ['bin', 'harness']) await mkdir(join(opt, inside), { recursive: true })
      for (const [name, path] of Object.entries(programs)) await copyFile(path, join(opt, 'bin', name))
      await writeFile(join(opt, 'harness/host-agent.mjs'), agent)
      for (const path of texts.keys()) {
        const copied = join(opt, 'harness', basename(path))
        await copyFile(path, copied)
        await chmod(copied, 0o755)
      }
      await makeDiskImage(opt, join(making, 'opt.img'), 32)
      await rm(opt, { recursive: true })
    },
  })
  return join(folder, 'opt.img')
}
