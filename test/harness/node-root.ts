import { chmod, copyFile, cp, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { unpackClosure } from './debian-packages.ts'
import type { PackageArchive } from './debian-packages.ts'
import { arm64Kernel } from './kernel.ts'
import { nodeRuntime } from './node-runtime.ts'

/** The kernel of every node. */
export const NODE_KERNEL = '6.18'

const ARCHIVE: PackageArchive = { name: '-nodes', suites: ['trixie', 'forky'], architecture: 'arm64' }

/** What a node is, beside the container runtimes; the last three are what Node links against. */
const PACKAGES = ['busybox-static', 'mount', 'nftables', 'libc6', 'libstdc++6', 'libatomic1']

/** The Debian suites that nodes take their container runtimes from: forky has containerd 2, trixie has containerd 1.7 and runc 1.1. */
export const RUNTIME_SUITES = ['forky', 'trixie'] as const
export type RuntimeSuite = (typeof RUNTIME_SUITES)[number]

const RUNTIME_PACKAGES = ['containerd', 'runc', 'crun', 'containernetworking-plugins']

/** The plugins that a pod network of one bridge needs; all are 68 MB. */
const NETWORK_PLUGINS = ['bridge', 'host-local', 'loopback']

const BALLAST = [
  ...['doc', 'locale', 'man', 'bash-completion', 'zsh', 'fish', 'lintian'].map((name) => `usr/share/${name}`),
  ...['usr/lib/aarch64-linux-gnu/gconv', 'usr/lib/containerd', 'usr/lib/systemd'],
]

/** What maintainer scripts would have made. */
const FILES: Record<string, string> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  'etc/group': 'root:x:0:\n',
  'etc/resolv.conf': '',
  'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 13 (a node of the lab)"\nID=debian\nVERSION_ID="13"\n',
}

/** The folder `root`: the files of a node's root disk before anything ran on it, and `busybox`. */
export const nodeRoot = async (suite: RuntimeSuite): Promise<string> => {
  const [kernel, node] = await Promise.all([arm64Kernel(NODE_KERNEL), nodeRuntime('arm64')])
  return artifact({
    name: `node-root-${suite}`,
    inputs: [kernel, node, await readFile(import.meta.filename, 'utf8')],
    make: async (folder) => {
      const root = join(folder, 'root')
      await makeFolders(root)
      const runtimes = RUNTIME_PACKAGES.map((name) => `${name}/${suite}`)
      await unpackClosure([...PACKAGES, ...runtimes], root, 'trixie', ARCHIVE)
      await removeBallast(root)
      await cp(join(kernel, 'node-modules'), join(root, 'usr/lib/node-modules'), { recursive: true })
      await copyFile(join(node, 'node'), join(root, 'usr/bin/node'))
      await chmod(join(root, 'usr/bin/node'), 0o755)
      if (!existsSync(join(root, 'usr/bin/sh'))) await symlink('busybox', join(root, 'usr/bin/sh'))
      for (const [path, text] of Object.entries(FILES)) await writeFile(join(root, path), text)
      await rm(`${root}.debs`, { recursive: true })
    },
  })
}

const makeFolders = async (root: string): Promise<void> => {
  await mkdir(join(root, 'usr'), { recursive: true })
  for (const merged of ['bin', 'sbin', 'lib']) {
    await mkdir(join(root, 'usr', merged))
    await symlink(join('usr', merged), join(root, merged))
  }
  const empty = [
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
    'root',
    'mnt',
    'opt',
    'etc',
    'var/log',
    'var/lib/kubelet',
  ]
  for (const folder of empty) await mkdir(join(root, folder), { recursive: true })
}

const removeBallast = async (root: string): Promise<void> => {
  for (const path of BALLAST) await rm(join(root, path), { recursive: true, force: true })
  const plugins = join(root, 'usr/lib/cni')
  for (const name of await readdir(plugins))
    if (!NETWORK_PLUGINS.includes(name)) await rm(join(plugins, name))
}
