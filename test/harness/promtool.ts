import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { unpackPackages, type PackageArchive } from './debian-packages.ts'

/** Of this machine: it runs here. */
const ARCHIVE: PackageArchive = {
  ...{ name: '-prometheus', suites: ['bookworm'] },
  architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
}

/** The path of Debian's promtool, which tests alerting rules. */
export const promtool = async (): Promise<string> => {
  const folder = await artifact({
    name: 'promtool',
    inputs: [JSON.stringify(ARCHIVE)],
    make: async (making) => {
      const root = join(making, 'root')
      await unpackPackages(['prometheus'], root, ARCHIVE)
      await rm(`${root}.debs`, { recursive: true })
    },
  })
  return join(folder, 'root/usr/bin/promtool')
}
