import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LAB_PATHS } from '../../test/harness/lab-paths.ts'
import { ARCHITECTURES } from './image-files.ts'
import { makeImageLayer, runtimeLayer } from './image-layers.ts'
import { writeOciArchive } from './oci-archive.ts'
import type { ImageArchitecture } from './oci-archive.ts'
import { productImage } from './product-image.ts'

/*
 * `make image`: writes dist/cpufeatures-ARCHITECTURE.oci.tar for each architecture from the built bundle, without a container engine,
 * and prints digests and sizes. The Dockerfile makes the same files an image.
 */

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

const make = async (architecture: ImageArchitecture): Promise<void> => {
  const archive = join(LAB_PATHS.root, `dist/cpufeatures-${architecture}.oci.tar`)
  const runtime = await runtimeLayer(architecture)
  const product = await makeImageLayer('product', architecture, `${archive}.product`)
  const digest = await writeOciArchive(productImage(architecture, [runtime, product]), archive)
  await rm(product.file)
  const { size } = await stat(archive)
  console.log(
    `dist/cpufeatures-${architecture}.oci.tar ${digest}\n` +
      `  ${mib(size)}: runtime (Node, koffi, libraries) ${mib(runtime.bytes)}, product ${mib(product.bytes)}`,
  )
}

for (const architecture of Object.keys(ARCHITECTURES) as ImageArchitecture[]) await make(architecture)
