import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where runtimes keep the OCI configuration of a container, by the scheme of its ID in a pod's status. Relative to the node's root. */
const CONFIGURATIONS: Readonly<Record<string, readonly ((id: string) => string)[]>> = {
  containerd: [
    (id) => `run/containerd/io.containerd.runtime.v2.task/k8s.io/${id}/config.json`,
    // k3s and RKE2 run a containerd of their own.
    (id) => `run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/${id}/config.json`,
  ],
  'cri-o': [(id) => `run/containers/storage/overlay-containers/${id}/userdata/config.json`],
}

/** The text of a file, undefined if it is not there. Other errors are thrown. */
export const textIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * The OCI configuration with which the runtime made a container, as text; undefined if no file says it. `containerId` is that of a pod's
 * status: `containerd://4f1c...`. `hostRoot`: where the root folder of the node is seen.
 */
export const runtimeConfig = async (hostRoot: string, containerId: string): Promise<string | undefined> => {
  const [, scheme = '', id = ''] = /^([\w-]+):\/\/([\w-]+)$/.exec(containerId) ?? []
  for (const path of CONFIGURATIONS[scheme] ?? []) {
    const text = await textIfThere(join(hostRoot, path(id)))
    if (text !== undefined) return text
  }
  return undefined
}
