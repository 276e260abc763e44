import { join } from 'node:path'
import { IMAGE_LAYERS, layOut } from './image-layers.ts'
import { ARCHITECTURES } from './image-files.ts'
import type { ImageArchitecture } from './oci-archive.ts'

/*
 * For the Dockerfile: node scripts/image/lay-out.ts ARCHITECTURE FOLDER lays the files of the image out as FOLDER/runtime and
 * FOLDER/product. The product must have been built.
 */

const isArchitecture = (name: string): name is ImageArchitecture => name in ARCHITECTURES

const [architecture = '', folder = ''] = process.argv.slice(2)
if (!isArchitecture(architecture) || folder === '') {
  console.error(
    `lay-out: the arguments are an architecture (${Object.keys(ARCHITECTURES).join(', ')}) and a folder`,
  )
  process.exit(2)
}
for (const layer of IMAGE_LAYERS) await layOut(layer, architecture, join(folder, layer))
