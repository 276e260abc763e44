import { z } from 'zod'

const named = <T extends z.ZodType, K extends string>(key: K, schema: T) =>
  z.array(z.object({ name: z.string(), [key]: schema } as { name: z.ZodString } & Record<K, T>)).nullish()

const cluster = z.object({
  server: z.string(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.string().optional(),
})

const user = z.object({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  exec: z.unknown().optional(),
  'auth-provider': z.unknown().optional(),
})

const context = z.object({
  cluster: z.string(),
  user: z.string().optional(),
  namespace: z.string().optional(),
})

/** The parts of a kubeconfig (`client-go/tools/clientcmd/api/v1`) that this client reads. */
export const kubeconfigSchema = z.object({
  clusters: named('cluster', cluster),
  users: named('user', user),
  contexts: named('context', context),
  'current-context': z.string().optional(),
})

export type Kubeconfig = z.infer<typeof kubeconfigSchema>
export type KubeconfigCluster = z.infer<typeof cluster>
export type KubeconfigUser = z.infer<typeof user>
