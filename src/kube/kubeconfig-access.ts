import { readFile } from 'node:fs/promises'
import { delimiter, dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Clock } from '../runtime/clock.ts'
import type { ClusterAccess, Credentials } from './cluster-access.ts'
import { noCredentials, staticHeader, TokenFile } from './credentials.ts'
import { ExecCredentials } from './exec-credentials.ts'
import { kubeconfigSchema, type Kubeconfig, type KubeconfigUser } from './kubeconfig-schema.ts'

interface LoadedConfig {
  readonly directory: string
  readonly config: Kubeconfig
}

/**
 * Reads kubeconfig files (one path, or several joined by `:` as in `KUBECONFIG`: the first that has a name wins,
 * as in client-go's loading rules). Throws an Error that names the file or entry at fault.
 */
export async function kubeconfigAccess(
  paths: string,
  clock: Clock,
  context?: string,
): Promise<ClusterAccess> {
  const loaded = await Promise.all(
    paths
      .split(delimiter)
      .filter((path) => path !== '')
      .map(load),
  )
  const wanted = context ?? loaded.map(({ config }) => config['current-context']).find(Boolean)
  if (wanted === undefined) throw new Error(`kubeconfig ${paths} has no current-context: name a context`)
  const entry = find(loaded, 'contexts', wanted).entry.context
  const cluster = find(loaded, 'clusters', entry.cluster)
  const user = entry.user === undefined ? undefined : find(loaded, 'users', entry.user)
  const spec = cluster.entry.cluster
  if (spec['proxy-url'] !== undefined)
    throw new Error(`kubeconfig cluster ${entry.cluster}: proxy-url is not supported`)
  return {
    server: spec.server,
    ca: await pem(cluster.directory, spec['certificate-authority'], spec['certificate-authority-data']),
    serverName: spec['tls-server-name'],
    insecureSkipVerify: spec['insecure-skip-tls-verify'],
    namespace: entry.namespace ?? 'default',
    ...(user === undefined ? { credentials: noCredentials } : await identityOf(user, clock)),
  }
}

async function identityOf(
  found: { readonly directory: string; readonly entry: Entry<'users'> },
  clock: Clock,
): Promise<Pick<ClusterAccess, 'cert' | 'key' | 'credentials'>> {
  const { directory, entry } = found
  return {
    cert: await pem(directory, entry.user['client-certificate'], entry.user['client-certificate-data']),
    key: await pem(directory, entry.user['client-key'], entry.user['client-key-data']),
    credentials: credentialsOf(entry.name, entry.user, directory, clock),
  }
}

async function load(path: string): Promise<LoadedConfig> {
  const result = kubeconfigSchema.safeParse(parse(await readFile(path, 'utf8')))
  if (!result.success) throw new Error(`kubeconfig ${path}: ${z.prettifyError(result.error)}`)
  return { directory: dirname(resolve(path)), config: result.data }
}

type Section = 'clusters' | 'users' | 'contexts'
type Entry<S extends Section> = NonNullable<Kubeconfig[S]>[number]

function find<S extends Section>(
  loaded: readonly LoadedConfig[],
  section: S,
  name: string,
): { readonly directory: string; readonly entry: Entry<S> } {
  for (const { directory, config } of loaded) {
    const entries: readonly Entry<S>[] = config[section] ?? []
    const entry = entries.find((candidate) => candidate.name === name)
    if (entry !== undefined) return { directory, entry }
  }
  throw new Error(`kubeconfig has no entry "${name}" in ${section}`)
}

async function pem(directory: string, file?: string, data?: string): Promise<string | undefined> {
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
  return file === undefined ? undefined : readFile(resolve(directory, file), 'utf8')
}

/** A file goes before a literal token, as client-go's `AuthInfo` says. */
function credentialsOf(name: string, user: KubeconfigUser, directory: string, clock: Clock): Credentials {
  if (user.tokenFile !== undefined) return new TokenFile(resolve(directory, user.tokenFile), clock)
  if (user.token !== undefined) return staticHeader(`Bearer ${user.token}`)
  if (user.exec !== undefined) return new ExecCredentials(name, user.exec)
  if (user.username !== undefined) {
    const pair = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')
    return staticHeader(`Basic ${pair}`)
  }
  if (user['auth-provider'] !== undefined) {
    throw new Error(
      `kubeconfig user ${name}: auth-provider is not supported (kubectl dropped it too): use exec`,
    )
  }
  return noCredentials
}
