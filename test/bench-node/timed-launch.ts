import { createPod, vmContainer } from '../harness/pods.ts'
import type { OneNode } from '../node/start-one-node.ts'
import { guestQemu } from '../node/told-pod.ts'

const FOLDER = '/run/timed-launch'
const IN_POD = '/timed'
const NAME = 'timed'

/** The pipe's other end is opened before the pod is made, and answers at the guest's first line: nothing looks again and again. */
const FIRST_LINE = 'head -n 1 < "$0/serial.out" > /dev/null'

/**
 * Milliseconds from the creation of a pod with stock QEMU to the first line of its guest. The pod is gone when this resolves.
 */
export const timedLaunch = async (
  { plane: { kubectl }, node }: OneNode,
  labels: Readonly<Record<string, string>>,
): Promise<number> => {
  const shell = (script: string) => node.run(['sh', '-c', script, FOLDER])
  await shell('rm -rf "$0"; mkdir -p "$0"; mkfifo "$0/serial.in" "$0/serial.out"')
  const first = shell(FIRST_LINE)
  const startedAt = performance.now()
  await createPod(kubectl, {
    name: NAME,
    labels,
    container: {
      ...vmContainer(guestQemu(`pipe:${IN_POD}/serial`)),
      volumeMounts: [{ name: 'timed', mountPath: IN_POD }],
    },
    spec: { volumes: [{ name: 'timed', hostPath: { path: FOLDER } }] },
  })
  await first
  const took = performance.now() - startedAt
  await kubectl(['delete', 'pod', NAME, '--grace-period=1', '--wait'])
  return took
}
