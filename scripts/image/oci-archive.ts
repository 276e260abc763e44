import { createHash } from 'node:crypto'
import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeTar } from './layer.ts'
import type { ImageLayer } from './layer.ts'

/** As Go and OCI name it. */
export type ImageArchitecture = 'arm64' | 'amd64'

export type OciImage = {
  /** With its registry and tag, as a runtime looks for it: `docker.io/library/NAME:TAG`. */
  name: string
  architecture: ImageArchitecture
  /** The lowest first. */
  layers: readonly ImageLayer[]
  entrypoint: readonly string[]
  environment?: readonly string[]
  labels?: Readonly<Record<string, string>>
}

type Descriptor = { mediaType: string; digest: string; size: number }

const CONFIG = 'application/vnd.oci.image.config.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

/**
 * Writes an image as an OCI image layout in one tar archive (image-spec v1.1), which `ctr images import`, `podman load`, `docker load`
 * and skopeo take. Resolves with the digest of its manifest.
 *
 * @param without - digests of layers whose blobs are left out, because the node that takes the archive has them
 */
export const writeOciArchive = async (
  image: OciImage,
  file: string,
  without: readonly string[] = [],
): Promise<string> => {
  const layout = `${file}.layout`
  await rm(layout, { recursive: true, force: true })
  const blobs = join(layout, 'blobs/sha256')
  await mkdir(blobs, { recursive: true })
  const put = async (mediaType: string, value: unknown): Promise<Descriptor> => {
    const text = JSON.stringify(value)
    const hex = createHash('sha256').update(text).digest('hex')
    await writeFile(join(blobs, hex), text)
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) }
  }
  for (const layer of image.layers.filter(({ digest }) => !without.includes(digest)))
    await link(layer.file, join(blobs, layer.digest.replace('sha256:', '')))
  const manifest = await put(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: await put(CONFIG, configOf(image)),
    layers: image.layers.map(({ mediaType, digest, bytes }) => ({ mediaType, digest, size: bytes })),
  })
  const index = { schemaVersion: 2, manifests: [{ ...manifest, ...tellingOf(image) }] }
  await writeFile(join(layout, 'index.json'), JSON.stringify(index))
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeTar(layout, file)
  await rm(layout, { recursive: true })
  return manifest.digest
}

const configOf = ({ architecture, layers, entrypoint, environment, labels }: OciImage) => ({
  // A time would make each build another image.
  created: '1970-01-01T00:00:00Z',
  architecture,
  os: 'linux',
  config: {
    Entrypoint: entrypoint,
    Env: environment ?? ['PATH=/usr/local/bin:/usr/bin:/bin'],
    ...(labels === undefined ? {} : { Labels: labels }),
  },
  rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
})

/** By these a runtime finds platform and name of the image in the index. */
const tellingOf = ({ name, architecture }: OciImage) => ({
  platform: { architecture, os: 'linux' },
  annotations: {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  },
})
