import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackClosure, type DebianArchitecture } from './debian-packages.ts'

/** What an emulator without a screen, on `-kernel`, never opens; the firmware for other machines is most of it. */
const ballast = [
  'usr/share/doc',
  'usr/share/locale',
  'usr/share/man',
  'usr/share/icons',
  'usr/share/fonts',
  'usr/share/AAVMF',
  'usr/share/qemu-efi-aarch64',
  'usr/share/qemu-efi-arm',
  'usr/share/seabios',
  'usr/lib/ipxe',
  'usr/share/perl',
  'usr/lib/aarch64-linux-gnu/dri',
  'usr/lib/x86_64-linux-gnu/dri',
  'usr/lib/systemd',
]

/** Packages of one suite. */
export type PackageTree = {
  readonly suite: string
  readonly packages: readonly string[]
  /** arm64 if not given. */
  readonly architecture?: DebianArchitecture
}

/** Makes a root of its own of packages and all their libraries, which another suite's programs cannot use. */
export async function makePackageTree(
  root: string,
  { suite, packages, architecture }: PackageTree,
): Promise<void> {
  await mkdir(join(root, 'usr'), { recursive: true })
  for (const merged of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(root, 'usr', merged))
    await symlink(join('usr', merged), join(root, merged))
  }
  await unpackClosure(packages, root, suite, architecture)
  for (const path of [...ballast.map((inside) => join(root, inside)), `${root}.debs`])
    await rm(path, { recursive: true, force: true })
}
