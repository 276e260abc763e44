import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { makeDiskImage } from './disk-image.ts'
import { guestImage } from './guest-image.ts'
import { hostAgentBundle } from './host-agent-bundle.ts'
import { vmmImage } from './vmm-image.ts'
import { koffiFor, productBundle } from './product-bundle.ts'

/**
 * The path of the disk image that each host has as /opt: the product's bundle, the guest and the host's own agent.
 * A disk of its own, so that a change of the product does not make the root again.
 */
export const hostFilesImage = async (): Promise<string> => {
  const here = (name: string): string => join(import.meta.dirname, name)
  const [guest, vmm, koffi, bundle, init, agent] = await Promise.all([
    guestImage(),
    vmmImage(),
    koffiFor('arm64'),
    productBundle(),
    readFile(here('host-files/init'), 'utf8'),
    hostAgentBundle(),
  ])
  const folder = await artifact({
    name: 'host-files',
    inputs: [
      guest,
      vmm,
      koffi,
      JSON.stringify(bundle),
      init,
      agent,
      await readFile(import.meta.filename, 'utf8'),
    ],
    make: async (making) => {
      const opt = join(making, 'opt')
      await mkdir(join(opt, 'harness'), { recursive: true })
      await mkdir(join(opt, 'cpufeatures'))
      await cp(guest, join(opt, 'guest'), { recursive: true })
      await cp(vmm, join(opt, 'vmm'), { recursive: true })
      await cp(koffi, join(opt, 'cpufeatures/node_modules'), { recursive: true })
      await mkdir(join(opt, 'cpufeatures/chunks'))
      for (const [name, text] of Object.entries(bundle)) await writeFile(join(opt, 'cpufeatures', name), text)
      await writeFile(join(opt, 'harness/init'), init)
      await chmod(join(opt, 'harness/init'), 0o755)
      await writeFile(join(opt, 'harness/host-agent.mjs'), agent)
      await makeDiskImage(opt, join(making, 'opt.img'), 32)
      await rm(opt, { recursive: true })
    },
  })
  return join(folder, 'opt.img')
}
