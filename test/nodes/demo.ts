import { once } from 'node:events'
import { walkDemo } from './walk-demo.ts'
import { startTwoNodes } from './two-nodes.ts'

/*
 * `make demo`: installs the product on two emulated nodes, goes from `kubectl apply` to levelled VMs and a live migration, and prints
 * each step. Exits non-zero if a claim fails. KEEP=1 leaves the cluster running.
 */

const say = (text: string): void => {
  process.stdout.write(`\n${text}\n`)
}

/** The messages of an error and of what caused it, without their stacks. */
const messages = (error: unknown): string =>
  error instanceof Error
    ? [error.message, ...(error.cause === undefined ? [] : [messages(error.cause)])].join('\n')
    : String(error)

say('$ kubectl apply --server-side -k deploy/overlays/generic')
const cluster = await startTwoNodes()
try {
  const claims = await walkDemo(cluster, say)
  say('Claims:')
  for (const { claim, holds, seen } of claims) say(`  ${holds ? 'ok  ' : 'FAIL'} ${claim} (${seen})`)
  process.exitCode = claims.every((one) => one.holds) ? 0 : 1
} catch (error) {
  console.error(`\nThe demo stopped: ${messages(error)}`)
  process.exitCode = 1
}
if (process.env['KEEP'] === '1') {
  say(`The cluster is still running. In another terminal:
  export KUBECONFIG=${cluster.plane.adminKubeconfig}
  alias kubectl=${cluster.plane.kubectlPath}
  kubectl get ncf,cfp,cfpr            reports of the nodes, profiles, compiled revisions
  kubectl describe cfp fleet          conditions, the verdict for each host class, reach
  kubectl get pods -o wide            where the VMs run
  kubectl describe pod vm-impossible  why no node fits it
  kubectl get pods -n cpufeatures-system
Press Ctrl-C to end it.`)
  await once(process, 'SIGINT')
}
await cluster.stop()
process.exit()
