import { once } from 'node:events'
import { walkMainRoad } from './main-road.ts'

/** `make demo`: the main road with everything said aloud; exits non-zero if any claim is not so. KEEP=1 leaves it running. */
const say = (text: string): void => {
  process.stdout.write(`\n${text}\n`)
}

const { cluster, claims } = await walkMainRoad(say)
say('What was claimed:')
for (const { claim, holds, seen } of claims) say(`  ${holds ? 'ok  ' : 'FAIL'} ${claim} (${seen})`)

if (process.env['KEEP'] === '1') {
  say(`It is left running. In another terminal:
  export KUBECONFIG=${cluster.controlPlane.adminKubeconfig}
  alias kubectl=${cluster.controlPlane.kubectlPath}
  kubectl get ncf,cfp,cfpr            what each node can show, what was asked, what was compiled
  kubectl describe cfp fleet          conditions, verdict for each host class, reach
  kubectl get pods -o wide            where the VMs are; kubectl describe pod vm-impossible says why not
End it with Ctrl-C.`)
  await once(process, 'SIGINT')
}
await cluster.stop()
process.exitCode = claims.every((one) => one.holds) ? 0 : 1
