import { cp, mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { makeDiskImage } from './disk-image.ts'
import { importImages } from './native-containerd.ts'
import { nodeImages } from './node-images.ts'
import { nodeRoot, type RuntimeSuite } from './node-root.ts'
import { runCommand } from './process.ts'

/** For what a node and its pods write, and images that are imported later. */
const SPARE_MIB = 1500

/** The path of the root disk of a node that has its images already, because importing them takes an emulated node minutes. */
export const nodeDisk = async (suite: RuntimeSuite): Promise<string> => {
  const [root, images] = await Promise.all([nodeRoot(suite), nodeImages()])
  const archives = (await readdir(images)).sort().map((name) => join(images, name))
  const folder = await artifact({
    name: `node-disk-${suite}`,
    inputs: [root, ...archives, await readFile(import.meta.filename, 'utf8')],
    make: async (making) => {
      const files = join(making, 'root')
      await cp(join(root, 'root'), files, { recursive: true, verbatimSymlinks: true })
      const containerd = join(files, 'var/lib/containerd')
      await mkdir(containerd, { recursive: true })
      await importImages(archives, containerd, suite)
      await makeDiskImage(files, join(making, 'disk.img'), SPARE_MIB)
      // Folders of containers' files may be closed to their owner.
      await runCommand(['chmod', '-R', 'u+rwX', files])
      await rm(files, { recursive: true })
    },
  })
  return join(folder, 'disk.img')
}
