import { VERSION } from '../../src/runtime/version.ts'
import { HOME } from './image-files.ts'
import type { ImageLayer } from './layer.ts'
import type { ImageArchitecture, OciImage } from './oci-archive.ts'

/** The image of the product. Its name is the one in deploy/, as a container runtime writes it out. */
export const productImage = (architecture: ImageArchitecture, layers: readonly ImageLayer[]): OciImage => ({
  name: `docker.io/library/cpufeatures:${VERSION}`,
  architecture,
  layers,
  entrypoint: ['/usr/local/bin/node', `/${HOME}/cpufeatures.mjs`],
  labels: {
    'org.opencontainers.image.title': 'cpufeatures',
    'org.opencontainers.image.version': VERSION,
    'org.opencontainers.image.licenses': 'Apache-2.0',
  },
})
