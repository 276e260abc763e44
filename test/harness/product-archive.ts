import { join } from 'node:path'
import { makeImageLayer, runtimeLayer } from '../../scripts/image/image-layers.ts'
import { writeOciArchive } from '../../scripts/image/oci-archive.ts'
import { productImage } from '../../scripts/image/product-image.ts'
import { runFolder } from './lab-paths.ts'
import { builtBundle } from './product-bundle.ts'

/**
 * The path of an archive with the image that `make image` makes of the sources as they are now, for a node to import when it boots. It
 * leaves the lower layer out, because the nodes' disk has it (node-images.ts): 600 KB are imported in a second, 45 MB in a minute.
 */
export const productArchive = async (): Promise<string> => {
  builtBundle()
  const folder = runFolder('product-image')
  const runtime = await runtimeLayer('arm64')
  const product = await makeImageLayer('product', 'arm64', join(folder, 'product'))
  const archive = join(folder, 'image.tar')
  await writeOciArchive(productImage('arm64', [runtime, product]), archive, [runtime.digest])
  return archive
}
