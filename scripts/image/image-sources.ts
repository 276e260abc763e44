import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { artifact } from '../../test/harness/artifact-cache.ts'
import { unpackPackages } from '../../test/harness/debian-packages.ts'
import { LAB_PATHS } from '../../test/harness/lab-paths.ts'
import { nodeRuntime } from '../../test/harness/node-runtime.ts'
import { runCommand } from '../../test/harness/process.ts'
import { koffiFor } from '../../test/harness/product-bundle.ts'
import { LIBRARY_PACKAGES } from './image-files.ts'
import type { ImageSource } from './image-files.ts'
import type { ImageArchitecture } from './oci-archive.ts'

/** The folder of each source of the image's files. */
export type ImageSources = Readonly<Record<ImageSource, string>>

const debianPackage = z.object({ name: z.string(), version: z.string() })

/** A Debian package with files in the image. */
export type DebianPackage = z.infer<typeof debianPackage>

const VERSIONS_FILE = 'versions.json'

/** Downloads what is not there yet: from npm and from the Debian archive of this machine's apt. The product must have been built. */
export const imageSources = async (architecture: ImageArchitecture): Promise<ImageSources> => ({
  node: await nodeRuntime(architecture),
  libraries: await libraries(architecture),
  koffi: await koffiFor(architecture),
  product: join(LAB_PATHS.root, 'dist'),
})

/** The Debian packages whose libraries are in a folder of {@link imageSources}. */
export const libraryVersions = async (folder: string): Promise<DebianPackage[]> =>
  z.array(debianPackage).parse(JSON.parse(await readFile(join(folder, VERSIONS_FILE), 'utf8')))

const libraries = async (architecture: ImageArchitecture): Promise<string> =>
  artifact({
    name: `image-libraries-${architecture}`,
    inputs: [...LIBRARY_PACKAGES, await readFile(import.meta.filename, 'utf8')],
    make: async (folder) => {
      const root = join(folder, 'root')
      await unpackPackages(LIBRARY_PACKAGES, root, {
        name: `-image-${architecture}`,
        suites: ['trixie'],
        architecture,
      })
      await writeFile(join(folder, VERSIONS_FILE), JSON.stringify(await packagesIn(`${root}.debs`)))
      await rename(join(root, 'usr'), join(folder, 'usr'))
      for (const left of [root, `${root}.debs`]) await rm(left, { recursive: true })
    },
  })

const packagesIn = async (downloads: string): Promise<DebianPackage[]> => {
  const files = (await readdir(downloads)).filter((name) => name.endsWith('.deb')).sort()
  const ask = async (file: string, field: string): Promise<string> =>
    (await runCommand(['dpkg-deb', '--field', join(downloads, file), field])).stdout.trim()
  return Promise.all(
    files.map(async (file) => ({ name: await ask(file, 'Package'), version: await ask(file, 'Version') })),
  )
}
