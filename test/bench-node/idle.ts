import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../harness/eventually.ts'
import { freePorts } from '../harness/free-ports.ts'
import { progress } from '../harness/progress.ts'
import { startProcess, type Process } from '../harness/process.ts'
import { NAMESPACE } from '../node/installation.ts'
import { NODE_NAME, startAgentHere, type AgentHere } from './agent-here.ts'
import { nfdWorker } from './nfd-worker.ts'
import { processCost, type ProcessCost } from './process-cost.ts'

/** Until what is done at the start is done. */
const SETTLE_MS = 60_000

const startWorker = async ({ plane, node }: AgentHere): Promise<Process> => {
  const { program, crds } = await nfdWorker()
  await plane.kubectl(['apply', '-f', crds])
  const [port = 0] = await freePorts(1)
  const worker = startProcess(
    [program, '-kubeconfig', plane.adminKubeconfig, '-no-owner-refs', '-port', String(port)],
    `${node.folder}/nfd-worker.log`,
    { env: { ...process.env, NODE_NAME, KUBERNETES_NAMESPACE: 'default' } },
  )
  await eventually('the worker of NFD has published what it found', () =>
    plane.kubectl(['get', 'nodefeature', NODE_NAME, '-o', 'name']),
  )
  return worker
}

const row = (name: string, before: ProcessCost, after: ProcessCost, minutes: number): string =>
  `  ${name.padEnd(28)}${((after.processorMs - before.processorMs) / minutes).toFixed(0).padStart(8)} ms a minute` +
  `${(after.residentKib / 1024).toFixed(1).padStart(10)} MiB resident`

/**
 * What a node-agent costs that has nothing to do, beside the worker of Node Feature Discovery, both natively at the same time, with one
 * API server. Resolves with what was found wrong.
 */
export const benchIdle = async (minutes: number): Promise<string[]> => {
  const here = await startAgentHere()
  let worker: Process | undefined
  try {
    worker = await startWorker(here)
    await progress('waiting until both are idle', () => delay(SETTLE_MS))
    const [agent, other, startedAt] = [processCost(here.agent.pid), processCost(worker.pid), Date.now()]
    await progress(`measuring for ${minutes} minutes`, () => delay(minutes * 60_000))
    const [agentAfter, otherAfter] = [processCost(here.agent.pid), processCost(worker.pid)]
    const user = `system:serviceaccount:${NAMESPACE}:cpufeatures-node-agent`
    const writes = (await here.plane.auditedWrites(startedAt)).filter((write) => write.user === user)
    const ratio = (agentAfter.processorMs - agent.processorMs) / (otherAfter.processorMs - other.processorMs)
    console.log(
      [
        'An idle agent',
        row('node-agent', agent, agentAfter, minutes),
        row('nfd-worker', other, otherAfter, minutes),
        `  processor time, ours to theirs: ${ratio.toFixed(2)}`,
        `  writes of the node-agent to the API server: ${writes.length}`,
      ].join('\n'),
    )
    return writes.map(({ verb, resource, name }) => `the idle node-agent wrote: ${verb} ${resource} ${name}`)
  } finally {
    await worker?.stop()
    await here.stop()
  }
}
