import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { parse } from 'yaml'
import * as z from 'zod'
import { toDotPath } from 'zod/v4/core'

/** `tokenFile` is client-go's name (`tools/clientcmd/api/v1`, AuthInfo); client-node 2.0 looks for `token-file`, and once. */
const tokenFiles = z.object({
  users: z
    .array(z.object({ name: z.string(), user: z.object({ tokenFile: z.string().optional() }).nullish() }))
    .nullish(),
})

/** Reads one kubeconfig file; paths in it become absolute. Throws an Error of one line that names the file and the entry at fault. */
export const readKubeconfig = async (path: string): Promise<KubeConfig> => {
  // The module costs 80 ms at start: who needs no cluster does not pay for it.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js')
  try {
    const text = await readFile(path, 'utf8')
    const users = tokenFiles.parse(parse(text)).users ?? []
    const config = new KubeConfig()
    config.loadFromString(text)
    config.makePathsAbsolute(dirname(resolve(path)))
    config.users = config.users.map((user) => {
      const file = users.find(({ name }) => name === user.name)?.user?.tokenFile
      if (file === undefined) return user
      // client-node's own provider re-reads the file each minute. It goes before a literal token, as client-go's AuthInfo says.
      const tokenFile = resolve(dirname(path), file)
      return { ...user, token: '', authProvider: { name: 'tokenFile', config: { tokenFile } } }
    })
    return config
  } catch (error) {
    throw new Error(`kubeconfig ${path}: ${sentence(error)}`, { cause: error })
  }
}

/** What is wrong, without the YAML parser's picture of the place: its first line has the position. */
const sentence = (error: unknown): string => {
  if (error instanceof z.ZodError)
    return error.issues.map(({ message, path }) => `${message} at ${toDotPath(path) || 'the top'}`).join('; ')
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line.replace(/:$/, '')
}
