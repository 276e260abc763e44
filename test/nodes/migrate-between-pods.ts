import { parseGuestReport } from '../e2e/guest-report.ts'
import { eventually } from '../harness/eventually.ts'
import { ToldPod, toldQemu } from '../node/told-pod.ts'
import type { NodeName, TwoNodes } from './two-nodes.ts'

const PORT = 4444

/** What a guest printed of its CPU, but for what it reads untrapped from the CPU it is on (CTR_EL0 and its kin). */
const seenIn = (printed: string): object => {
  const { features, registers } = parseGuestReport(printed)
  return { features, registers: [...registers].filter(([name]) => name.endsWith('_EL1')) }
}

/** What a guest saw of its CPU before its migration, and after it and a reset, and what the two pods say of their profile. */
export type Migrated = {
  readonly before: object
  readonly after: object
  readonly applied: readonly string[]
}

const comes = async (pod: ToldPod, pattern: string, times: number): Promise<void> => {
  if (!(await pod.prints(pattern, times)))
    throw new Error(`${pod.name} did not print ${pattern}:\n${await pod.printed()}`)
}

/** Migrates a VM live from a pod of one node to a pod of the other, over the pod network. Both pods are gone when this resolves. */
export const migrateBetweenPods = async (
  { plane: { kubectl }, nodes }: TwoNodes,
  from: NodeName,
  to: NodeName,
): Promise<Migrated> => {
  const podOn = (node: NodeName, name: string, more: readonly string[] = []): ToldPod =>
    new ToldPod({ kubectl, node: nodes[node], name, script: toldQemu(more) })
  const source = podOn(from, `from-${from}`)
  const target = podOn(to, `to-${to}`, ['-incoming', `tcp:0:${PORT}`])
  const pods = [source, target]
  await Promise.all(pods.map((pod) => pod.start()))
  await Promise.all(pods.map((pod) => pod.go()))
  await comes(source, 'GUEST-END', 1)
  const before = seenIn(await source.printed())
  const ip = await kubectl(['get', 'pod', target.name, '-o', 'jsonpath={.status.podIP}'])
  await source.monitor(`migrate tcp:${ip}:${PORT}`)
  // The guest counts on where it is now.
  await comes(target, '^tick', 3)
  await target.monitor('system_reset')
  await comes(target, 'GUEST-END', 1)
  const after = seenIn(await target.printed())
  const status = '{.status.conditions[?(@.type=="cpufeatures.dev/Applied")].status}'
  const applied = pods.map((pod) =>
    eventually(`${pod.name} says whether its profile was applied`, async () => {
      const text = await kubectl(['get', 'pod', pod.name, '-o', `jsonpath=${status}`])
      return text === '' ? undefined : text
    }),
  )
  const said = await Promise.all(applied)
  for (const pod of pods) {
    await pod.monitor('quit')
    await pod.ends()
    await pod.delete()
  }
  return { before, after, applied: said }
}
