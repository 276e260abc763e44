import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { unpackClosure } from './debian-packages.ts'
import { makeDiskImage } from './disk-image.ts'

/** Trees of the disk, each with all its libraries, because programs of another suite do not run with the host's own. */
const TREES = [
  { name: 'qemu-7.2', suite: 'bookworm', packages: ['qemu-system-arm'] },
  { name: 'qemu-11.1', suite: 'trixie-backports', packages: ['qemu-system-arm'] },
  {
    name: 'libvirt',
    suite: 'trixie',
    packages: [
      'libvirt-daemon',
      'libvirt-daemon-driver-qemu',
      'libvirt-clients',
      'qemu-system-arm',
      'busybox-static',
      'libstdc++6',
      'libatomic1',
    ],
  },
]

/** Files that guests without a screen, started by `-kernel`, never open: mostly firmware for other machines. */
const BALLAST = [
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
  'usr/lib/systemd',
]

/** Files that maintainer scripts would have made: libvirt without systemd, polkit, cgroups and helpers of its own. */
const LIBVIRT_FILES: Record<string, string> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nlibvirt-qemu:x:64055:0::/:/bin/false\n',
  'etc/group': 'root:x:0:\nkvm:x:108:\nlibvirt:x:109:\nlibvirt-qemu:x:64055:\n',
  'etc/hosts': '127.0.0.1 localhost\n',
  'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  'etc/libvirt/libvirtd.conf': 'auth_unix_ro = "none"\nauth_unix_rw = "none"\n',
  'etc/libvirt/qemu.conf': [
    'user = "root"',
    'group = "root"',
    'security_driver = "none"',
    'namespaces = []',
    'cgroup_controllers = []',
    'remember_owner = 0',
    'dynamic_ownership = 0',
    'stdio_handler = "file"',
    '',
  ].join('\n'),
}

/**
 * The path of a disk image with the stock QEMUs that the root of the hosts does not have, and libvirt: `qemu-7.2`, `qemu-11.1` and
 * `libvirt`, each a root of its own. For `bootHost`, as an extra disk.
 */
export const emulatorsImage = async (): Promise<string> => {
  const folder = await artifact({
    name: 'emulators',
    inputs: [await readFile(import.meta.filename, 'utf8')],
    make: async (making) => {
      const root = join(making, 'root')
      for (const tree of TREES) await makeTree(join(root, tree.name), tree)
      await makeDiskImage(root, join(making, 'emulators.img'), 64)
      await rm(root, { recursive: true })
    },
  })
  return join(folder, 'emulators.img')
}

const makeTree = async (root: string, { name, suite, packages }: (typeof TREES)[number]): Promise<void> => {
  await mkdir(join(root, 'usr'), { recursive: true })
  for (const merged of ['bin', 'sbin', 'lib']) {
    await mkdir(join(root, 'usr', merged))
    await symlink(join('usr', merged), join(root, merged))
  }
  await unpackClosure(packages, root, suite)
  for (const path of [...BALLAST.map((inside) => join(root, inside)), `${root}.debs`])
    await rm(path, { recursive: true, force: true })
  if (name === 'libvirt') await finishLibvirt(root)
}

const finishLibvirt = async (root: string): Promise<void> => {
  for (const folder of ['proc', 'sys', 'dev', 'run', 'tmp', 'root', 'opt', 'usr/local/bin', 'etc/libvirt'])
    await mkdir(join(root, folder), { recursive: true })
  for (const [path, text] of Object.entries(LIBVIRT_FILES)) await writeFile(join(root, path), text)
  if (!existsSync(join(root, 'usr/bin/sh'))) await symlink('busybox', join(root, 'usr/bin/sh'))
  // The host's own is mounted over it, because the launcher runs inside too.
  for (const path of ['usr/bin/node', 'usr/local/bin/cpufeatures']) {
    await writeFile(join(root, path), '')
    await chmod(join(root, path), 0o755)
  }
}
