import { join } from 'node:path'
import { inspect, parseArgs } from 'node:util'
import { vmmImage } from '../harness/vmm-image.ts'
import { FLEET_PROFILE } from '../node/installation.ts'
import { installOn, startOneNode, type OneNode } from '../node/start-one-node.ts'
import { putProgram } from '../node/told-pod.ts'
import { benchContainers } from './containers.ts'
import { benchExecs } from './execs.ts'
import { benchIdle } from './idle.ts'
import { benchLaunches } from './launches.ts'
import { benchThreads } from './threads.ts'

/*
 * node test/bench-node/run.ts [PART...] (make bench-node): what the product costs on a node. The parts: execs and idle, natively on this
 * machine; launches, threads and containers, on an emulated node. All if none is given. Exit code 1 if a target is missed.
 */

const NATIVE: Readonly<Record<string, () => Promise<string[]>>> = {
  execs: () => benchExecs(10_000),
  idle: () => benchIdle(5),
}

const ON_NODE: Readonly<Record<string, (cluster: OneNode) => Promise<string[]>>> = {
  launches: (cluster) => benchLaunches(cluster, 10),
  threads: (cluster) => benchThreads(cluster, 5),
  containers: benchContainers,
}

const onNode = async (parts: readonly string[]): Promise<string[]> => {
  const cluster = await startOneNode({ memoryMiB: 3000 })
  const { plane, node } = cluster
  const missed: string[] = []
  try {
    await installOn(cluster)
    await plane.kubectl(['apply', '-f', '-'], JSON.stringify(FLEET_PROFILE))
    const programs = await vmmImage()
    for (const name of ['vmm', 'ask-kvm']) await putProgram(node, join(programs, name))
    for (const part of parts) missed.push(...((await ON_NODE[part]?.(cluster)) ?? []))
  } catch (error) {
    missed.push(inspect(error))
  }
  await cluster.stop()
  return missed
}

const measure = async (parts: readonly string[]): Promise<string[]> => {
  const missed: string[] = []
  for (const part of parts) missed.push(...((await NATIVE[part]?.()) ?? []))
  const rest = parts.filter((part) => part in ON_NODE)
  return rest.length === 0 ? missed : [...missed, ...(await onNode(rest))]
}

// The programs that it starts do not keep it open.
setInterval(() => undefined, 60_000)

const { positionals } = parseArgs({ allowPositionals: true })
const known = [...Object.keys(NATIVE), ...Object.keys(ON_NODE)]
const unknown = positionals.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`no part ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  process.exit(2)
}
const missed = await measure(positionals.length > 0 ? positionals : known)
for (const one of missed) console.log(`MISSED ${one}`)
process.exit(missed.length === 0 ? 0 : 1)
