import { copyFile, mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { arm64Root } from './arm64-root.ts'
import { artifact } from './artifact-cache.ts'
import { packageNames, unpackPackages } from './debian-packages.ts'
import { makeInitrd } from './initrd-image.ts'
import { copyModules } from './kernel-modules.ts'

/** A disk root and a network card need these; ext4 and KVM are built in. */
const MODULES = ['virtio_net', 'virtio_blk']

/** What containers, their network and the rules for the API server's address need beside these. */
const NODE_MODULES = ['overlay', 'bridge', 'veth', 'nft_chain_nat', 'nft_nat', 'nft_masq']

const initFile = join(import.meta.dirname, 'host-files/initrd-init')

/**
 * The folder with `vmlinuz`, `initrd.gz` and `node-modules` (kernel-modules.ts) of Debian's newest arm64 cloud kernel of a series.
 *
 * @param series - e.g. `6.18`, `6.12` or `7`
 */
export const arm64Kernel = async (series: string): Promise<string> => {
  const root = await arm64Root()
  return artifact({
    name: `kernel-${series}`,
    inputs: [
      series,
      ...[...MODULES, ...NODE_MODULES],
      await readFile(initFile, 'utf8'),
      await readFile(import.meta.filename, 'utf8'),
    ],
    make: async (folder) => {
      await makeKernel(folder, kernelPackages(series, await packageNames('linux-')), root)
    },
  })
}

/**
 * Of all package names those that hold the newest kernel of a series: from 6.19 on Debian has image and modules
 * in packages of their own. Throws when there is none.
 */
export const kernelPackages = (series: string, names: readonly string[]): string[] => {
  const pattern = /^linux-(image|binary)-(\d+(?:\.\d+)+)(\+\S+?-cloud-arm64)(-unsigned)?$/
  const found = names
    .map((name) => pattern.exec(name))
    .filter((match) => match !== null)
    .map(([name, kind = '', version = '', rest = '']) => ({ name, kind, version, rest }))
    .filter(({ version }) => version.startsWith(`${series}.`))
    .sort(
      (a, b) =>
        compareVersions(b.version, a.version) || a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name),
    )
  const [newest] = found
  if (newest === undefined) throw new Error(`Debian has no arm64 cloud kernel ${series} now`)
  const { name, kind, version, rest } = newest
  return kind === 'binary' ? [name, `linux-modules-${version}${rest}`] : [name]
}

const compareVersions = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })

const makeKernel = async (folder: string, packages: readonly string[], root: string): Promise<void> => {
  const unpacked = join(folder, 'unpacked')
  await unpackPackages(packages, unpacked)
  const paths = await readdir(unpacked, { recursive: true })
  const vmlinuz = paths.find((path) => /(^|\/)vmlinuz[^/]*$/.test(path))
  if (vmlinuz === undefined) throw new Error(`no kernel image in ${packages.join(', ')}`)
  await copyFile(join(unpacked, vmlinuz), join(folder, 'vmlinuz'))
  const initrd = join(folder, 'initrd')
  for (const inside of ['bin', 'proc', 'sys', 'dev', 'mnt'])
    await mkdir(join(initrd, inside), { recursive: true })
  await copyFile(join(root, 'busybox'), join(initrd, 'bin/busybox'))
  await copyFile(initFile, join(initrd, 'init'))
  await copyModules(MODULES, unpacked, join(initrd, 'lib'))
  await copyModules(NODE_MODULES, unpacked, join(folder, 'node-modules'))
  await makeInitrd(initrd, join(folder, 'initrd.gz'))
  for (const left of [unpacked, `${unpacked}.debs`, initrd]) await rm(left, { recursive: true })
}
