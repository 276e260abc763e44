import { copyFile, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runtimeLayer } from '../../scripts/image/image-layers.ts'
import { makeLayer } from '../../scripts/image/layer.ts'
import type { ImageLayer } from '../../scripts/image/layer.ts'
import { writeOciArchive } from '../../scripts/image/oci-archive.ts'
import type { OciImage } from '../../scripts/image/oci-archive.ts'
import { productImage } from '../../scripts/image/product-image.ts'
import { artifact } from './artifact-cache.ts'
import { unpackClosure } from './debian-packages.ts'
import { guestImage } from './guest-image.ts'
import { arm64Root } from './arm64-root.ts'

/** The images that every node has, by what they are for. */
export const NODE_IMAGES = {
  pause: 'localhost/pause:1',
  busybox: 'localhost/busybox:1',
  /** Stock QEMU of Debian trixie, and in /opt/guest the guest that says what CPU it sees. */
  qemu: 'localhost/qemu:1',
} as const

/** Programs of busybox that images have by their own name. */
const APPLETS = [
  ...['sh', 'ash', 'cat', 'ls', 'sleep', 'echo', 'id', 'dd', 'grep', 'ps', 'ip', 'wget', 'httpd', 'mkdir'],
  ...[
    'hostname',
    'nc',
    'od',
    'stat',
    'mount',
    'uname',
    'true',
    'false',
    'test',
    'env',
    'head',
    'tail',
    'seq',
  ],
]

/** Files that a guest without a screen, started by `-kernel`, never opens; the emulator of 32-bit machines and firmware are half of it. */
const BALLAST = [
  ...['usr/share', 'usr/sbin', 'usr/lib/qemu', 'usr/lib/aarch64-linux-gnu/gconv', 'etc', 'var'],
  ...['usr/lib/aarch64-linux-gnu/security', 'usr/bin/qemu-system-arm', 'usr/bin/qemu-pr-helper'],
]

/** The folder with archives of all images of a node, in the order in which they are imported. */
export const nodeImages = async (): Promise<string> => {
  const [root, guest, runtime] = await Promise.all([arm64Root(), guestImage(), runtimeLayer('arm64')])
  return artifact({
    name: 'node-images',
    inputs: [root, guest, runtime.digest, await readFile(import.meta.filename, 'utf8')],
    make: async (folder) => {
      const layerOf = async (name: string, make: (inside: string) => Promise<void>): Promise<ImageLayer> => {
        const inside = join(folder, `${name}.files`)
        await make(inside)
        const layer = await makeLayer(inside, join(folder, `${name}.layer`), { compressed: false })
        await rm(inside, { recursive: true })
        return layer
      }
      const small = await layerOf('small', (inside) => makeSmall(inside, join(root, 'busybox')))
      const qemu = await layerOf('qemu', async (inside) => {
        await makeSmall(inside, join(root, 'busybox'))
        await makeQemu(inside, guest)
      })
      const images: [OciImage['name'], string, ImageLayer][] = [
        [NODE_IMAGES.pause, '/bin/pause', small],
        [NODE_IMAGES.busybox, '/bin/sh', small],
        [NODE_IMAGES.qemu, '/usr/bin/qemu-system-aarch64', qemu],
      ]
      for (const [index, [name, entrypoint, layer]] of images.entries())
        await writeOciArchive(
          { name, architecture: 'arm64', layers: [layer], entrypoint: [entrypoint] },
          join(folder, `${index}.tar`),
        )
      for (const { file } of [small, qemu]) await rm(file)
      // So that a node needs only the upper layer of the product's image (product-archive.ts).
      await writeOciArchive(
        { ...productImage('arm64', [runtime]), name: 'localhost/cpufeatures-runtime:1' },
        join(folder, 'runtime.tar'),
      )
    },
  })
}

const makeSmall = async (root: string, busybox: string): Promise<void> => {
  for (const folder of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'usr'])
    await mkdir(join(root, folder), { recursive: true })
  await copyFile(busybox, join(root, 'bin/busybox'))
  for (const applet of APPLETS) await symlink('busybox', join(root, 'bin', applet))
  // Ends at once when it is told to, which busybox does not as a container's first process.
  await writeFile(join(root, 'bin/pause'), '#!/bin/sh\ntrap exit TERM INT\nsleep 1000000000 & wait\n', {
    mode: 0o755,
  })
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n')
}

const makeQemu = async (root: string, guest: string): Promise<void> => {
  await mkdir(join(root, 'usr/lib'), { recursive: true })
  await symlink('usr/lib', join(root, 'lib'))
  await unpackClosure(['qemu-system-arm'], root)
  for (const path of [...BALLAST.map((inside) => join(root, inside)), `${root}.debs`])
    await rm(path, { recursive: true, force: true })
  await cp(guest, join(root, 'opt/guest'), { recursive: true })
}
