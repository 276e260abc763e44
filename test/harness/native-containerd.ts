import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { unpackClosure } from './debian-packages.ts'
import type { PackageArchive } from './debian-packages.ts'
import type { RuntimeSuite } from './node-root.ts'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

/** The Debian architecture of this machine. */
const OWN = ({ x64: 'amd64', arm64: 'arm64' } as const)[process.arch as 'x64' | 'arm64']

/** The version of the nodes: what one of them keeps in its folder, the other takes over. */
const archive = (suite: RuntimeSuite): PackageArchive => ({
  ...{ name: `-own-${suite}`, suites: [suite], architecture: OWN },
})

/** No plugin of a node's kubelet; the rest keeps images. */
const CONFIGURATIONS: Readonly<Record<RuntimeSuite, string>> = {
  forky: `version = 3
disabled_plugins = ["io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri",
  "io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt", "io.containerd.podsandbox.controller.v1.podsandbox"]
`,
  trixie: `version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt"]
`,
}

/** $1: its folder, $2: the folder that becomes /var/lib/containerd of a node, the rest: archives. Mounts are in a namespace of its own. */
const SCRIPT = `
set -e
state=$1 root=$2; shift 2
own() { program=$1; shift; exec setpriv --pdeathsig KILL "$OWN_LOADER" --library-path "$OWN_LIBRARIES" "$OWN_PROGRAMS/$program" "$@"; }
own containerd --config "$state/config.toml" --root "$root" --state "$state/run" --address "$state/socket" > "$state/log" 2>&1 &
containerd=$!
trap 'kill $containerd; wait $containerd || true' EXIT
tries=0
until (own ctr --address "$state/socket" version) > "$state/version" 2>&1; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] && kill -0 $containerd || { cat "$state/log" >&2; exit 1; }
  sleep 0.1
done
for archive; do
  (own ctr --address "$state/socket" -n k8s.io images import --digests=false --platform linux/arm64 "$archive")
done
`

/**
 * Imports arm64 images as a node does, into the folder that becomes a node's /var/lib/containerd. The containerd of this machine's
 * architecture takes seconds for what takes an emulated node minutes. It mounts what it unpacks, so it needs root or user namespaces.
 */
export const importImages = async (
  archives: readonly string[],
  root: string,
  suite: RuntimeSuite,
): Promise<void> => {
  requireTools('unshare')
  const own = await ownContainerd(suite)
  // containerd takes no socket path over 104 bytes, and a clone may lie deep.
  const state = await mkdtemp(join(tmpdir(), 'containerd-'))
  try {
    await writeFile(join(state, 'config.toml'), CONFIGURATIONS[suite])
    const libraries = join(own, 'usr/lib', { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[OWN])
    const loaders = ['usr/lib64/ld-linux-x86-64.so.2', 'usr/lib/ld-linux-aarch64.so.1'].map((path) =>
      join(own, path),
    )
    const namespace = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user']
    await runCommand(['unshare', ...namespace, 'sh', '-c', SCRIPT, 'import', state, root, ...archives], {
      env: {
        ...process.env,
        OWN_LOADER: loaders.find((path) => existsSync(path)) ?? '',
        OWN_LIBRARIES: libraries,
        OWN_PROGRAMS: join(own, 'usr/bin'),
      },
    })
  } finally {
    await rm(state, { recursive: true })
  }
}

const ownContainerd = async (suite: RuntimeSuite): Promise<string> => {
  const folder = await artifact({
    name: `own-containerd-${suite}`,
    inputs: [OWN, await readFile(import.meta.filename, 'utf8')],
    make: async (making) => {
      const root = join(making, 'root')
      await unpackClosure(['containerd'], root, suite, archive(suite))
      await rm(`${root}.debs`, { recursive: true })
    },
  })
  return join(folder, 'root')
}
