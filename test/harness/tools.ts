import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Each program of the machine that the lab calls, and the Debian package that has it. `make deps` installs them. */
export const TOOL_PACKAGES = {
  'qemu-system-aarch64': 'qemu-system-arm (8.2 or later: bookworm-backports)',
  'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu and libc6-dev-arm64-cross',
  runc: 'runc',
  crun: 'crun',
  unshare: 'util-linux',
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
  gcc: 'gcc and libc6-dev',
  mke2fs: 'e2fsprogs',
  cpio: 'cpio',
  gzip: 'gzip',
  xz: 'xz-utils',
  openssl: 'openssl',
  setpriv: 'util-linux',
  tar: 'tar',
  npm: 'npm (or nodejs from where this machine has it)',
  go: 'golang-go (1.21 or later; Go fetches the toolchain it needs)',
} as const

export type Tool = keyof typeof TOOL_PACKAGES

/** Throws an error that names every missing tool with its package. */
export const requireTools = (...tools: Tool[]): void => {
  const missing = tools.filter((tool) => !isInstalled(tool))
  if (missing.length === 0) return
  const lines = missing.map((tool) => `  ${tool}: Debian package ${TOOL_PACKAGES[tool]}`)
  throw new Error(`missing tools (make deps installs them):\n${lines.join('\n')}`)
}

const isInstalled = (tool: string): boolean =>
  `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
