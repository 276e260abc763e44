import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { makePackageTree } from './package-tree.ts'

/** What Debian calls this machine, and where its loader and libraries are. */
const MACHINES = {
  x64: { architecture: 'amd64', loader: 'lib64/ld-linux-x86-64.so.2', libraries: 'x86_64-linux-gnu' },
  arm64: { architecture: 'arm64', loader: 'lib/ld-linux-aarch64.so.1', libraries: 'aarch64-linux-gnu' },
} as const

/**
 * The command of a QEMU newer than this machine's own, for CPUs that that one does not emulate: Debian's, in a tree with all its libraries, by
 * its own loader. FEAT_GCS has come with QEMU 10.1.
 */
export async function newerEmulator(): Promise<readonly string[]> {
  if (process.arch !== 'x64' && process.arch !== 'arm64') throw new Error(`no emulator for ${process.arch}`)
  const { architecture, loader, libraries } = MACHINES[process.arch]
  const tree = { suite: 'trixie-backports', packages: ['qemu-system-arm'], architecture }
  const folder = await artifact({
    name: 'newer-emulator',
    inputs: [await readFile(import.meta.filename, 'utf8'), JSON.stringify(tree)],
    make: (making) => makePackageTree(join(making, 'root'), tree),
  })
  const root = join(folder, 'root')
  return [
    join(root, loader),
    ...['--library-path', `${root}/lib/${libraries}:${root}/usr/lib/${libraries}`],
    `${root}/usr/bin/qemu-system-aarch64`,
    ...['-L', `${root}/usr/share/qemu`],
  ]
}
