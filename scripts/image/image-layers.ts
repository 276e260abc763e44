import { cp, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { artifact } from '../../test/harness/artifact-cache.ts'
import { billOfMaterials } from './bill-of-materials.ts'
import { HOME, productFiles, runtimeFiles, WRITTEN_FILES } from './image-files.ts'
import type { ImageFile } from './image-files.ts'
import { imageSources, libraryVersions } from './image-sources.ts'
import type { ImageSources } from './image-sources.ts'
import { makeLayer } from './layer.ts'
import type { ImageLayer } from './layer.ts'
import type { ImageArchitecture } from './oci-archive.ts'

/**
 * The layers of the image, the lower first: Node, koffi and their libraries; the product. Nodes that get a new version have the
 * lower one.
 */
export const IMAGE_LAYERS = ['runtime', 'product'] as const

export type ImageLayerName = (typeof IMAGE_LAYERS)[number]

/** Lays the files of a layer out as they are in the image, below `folder`. For the product, dist/ must have been built. */
export const layOut = async (
  layer: ImageLayerName,
  architecture: ImageArchitecture,
  folder: string,
): Promise<void> => {
  const sources = await imageSources(architecture)
  await mkdir(folder, { recursive: true })
  if (layer === 'runtime') {
    await copyFiles(runtimeFiles(architecture), sources, folder)
    for (const [path, text] of Object.entries(WRITTEN_FILES)) await write(join(folder, path), text)
  } else {
    await copyFiles(productFiles(architecture), sources, folder)
    const bill = await billOfMaterials(architecture, await libraryVersions(sources.libraries))
    await write(join(folder, HOME, 'sbom.cdx.json'), `${JSON.stringify(bill, undefined, 1)}\n`)
  }
}

/** Makes a layer as `file`. */
export const makeImageLayer = async (
  layer: ImageLayerName,
  architecture: ImageArchitecture,
  file: string,
): Promise<ImageLayer> => {
  const folder = `${file}.files`
  await layOut(layer, architecture, folder)
  const made = await makeLayer(folder, file, { compressed: true })
  await rm(folder, { recursive: true })
  return made
}

/** The files of this folder that decide what is in the lower layer. */
const RUNTIME_SOURCES = ['image-files.ts', 'image-layers.ts', 'layer.ts']

const textOf = (name: string): Promise<string> => readFile(join(import.meta.dirname, name), 'utf8')

/** The lower layer, made once: it has the same digest each time. */
export const runtimeLayer = async (architecture: ImageArchitecture): Promise<ImageLayer> => {
  const { node, libraries, koffi } = await imageSources(architecture)
  const folder = await artifact({
    name: `image-runtime-${architecture}`,
    inputs: [node, libraries, koffi, ...(await Promise.all(RUNTIME_SOURCES.map(textOf)))],
    make: async (making) => {
      const layer = await makeImageLayer('runtime', architecture, join(making, 'layer'))
      await writeFile(join(making, 'layer.json'), JSON.stringify(layer))
    },
  })
  const layer = JSON.parse(await readFile(join(folder, 'layer.json'), 'utf8')) as ImageLayer
  return { ...layer, file: join(folder, 'layer') }
}

const copyFiles = async (files: readonly ImageFile[], sources: ImageSources, root: string): Promise<void> => {
  for (const { source, from, to = from } of files) {
    const copied = join(root, to)
    await mkdir(dirname(copied), { recursive: true })
    // Libraries are links to files that have their version in their name.
    await cp(await realpath(join(sources[source], from)), copied, { recursive: true })
  }
}

const write = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
