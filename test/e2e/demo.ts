import { once } from 'node:events'
import { walkMainRoad } from './main-road.ts'
import type { MainRoad } from './main-road.ts'

/*
 * `make demo`: walks the main road and prints each step. Exits non-zero if a claim fails; a step that fails says what it waited for
 * and shows the state of the cluster. KEEP=1 leaves the cluster running.
 */

const say = (text: string): void => {
  process.stdout.write(`\n${text}\n`)
}

/** The messages of an error and of what caused it, without their stacks. */
const messages = (error: unknown): string =>
  error instanceof Error
    ? [error.message, ...(error.cause === undefined ? [] : [messages(error.cause)])].join('\n')
    : String(error)

const walk = async (): Promise<MainRoad> => {
  try {
    return await walkMainRoad(say)
  } catch (error) {
    console.error(`\nThe demo stopped: ${messages(error)}`)
    process.exit(1)
  }
}

const { cluster, claims } = await walk()
say('Claims:')
for (const { claim, holds, seen } of claims) say(`  ${holds ? 'ok  ' : 'FAIL'} ${claim} (${seen})`)

if (process.env['KEEP'] === '1') {
  say(`The cluster is still running. In another terminal:
  export KUBECONFIG=${cluster.controlPlane.adminKubeconfig}
  alias kubectl=${cluster.controlPlane.kubectlPath}
  kubectl get ncf,cfp,cfpr            reports of the nodes, profiles, compiled revisions
  kubectl describe cfp fleet          conditions, the verdict for each host class, reach
  kubectl get pods -o wide            where the VMs run
  kubectl describe pod vm-impossible  why no node fits it
Press Ctrl-C to end it.`)
  await once(process, 'SIGINT')
}
await cluster.stop()
process.exitCode = claims.every((one) => one.holds) ? 0 : 1
