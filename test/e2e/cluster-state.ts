import { readFile } from 'node:fs/promises'
import type { Cluster } from './cluster.ts'

/** What is told of a log: its end. */
const CHARACTERS = 2000

const VIEWS: readonly (readonly string[])[] = [
  ['get', 'ncf,cfp,cfpr,nodes,pods', '-A', '-o', 'wide'],
  ['describe', 'cfp'],
  ['get', 'events', '-A', '--sort-by=.metadata.creationTimestamp'],
]

/** What a person looks at when a cluster does not do what was waited for: objects, events, and the ends of all logs. */
export const clusterState = async (cluster: Cluster): Promise<string> => {
  const parts: string[] = []
  const show = (title: string, text: string): void => {
    parts.push(`--- ${title}`, text.trimEnd().slice(-CHARACTERS))
  }
  for (const view of VIEWS)
    show(`kubectl ${view.join(' ')}`, await cluster.kubectl(view).catch((error: unknown) => String(error)))
  show(
    'the controller',
    await readFile(cluster.controllerLog, 'utf8').catch((error: unknown) => String(error)),
  )
  for (const { name, host, agentLog } of cluster.nodes) {
    show(`the node-agent of ${name}`, agentLog())
    show(`the console of ${name}`, host.console())
  }
  return parts.join('\n')
}
