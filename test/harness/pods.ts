import type { ControlPlaneAccess } from './control-plane-access.ts'
import { eventually, HANG_GUARD_S } from './eventually.ts'
import { KVM_RESOURCE } from './emulated-node.ts'
import { NODE_IMAGES } from './node-images.ts'

const GUARD = `--timeout=${HANG_GUARD_S}s`

type Kubectl = ControlPlaneAccess['kubectl']

/** A pod of one container, with whatever else its spec has. */
export type PodRequest = {
  name: string
  labels?: Readonly<Record<string, string>>
  annotations?: Readonly<Record<string, string>>
  container: Readonly<Record<string, unknown>>
  spec?: Readonly<Record<string, unknown>>
}

/** A container that runs a script of busybox. */
export const shellContainer = (script: string) => ({
  name: 'shell',
  image: NODE_IMAGES.busybox,
  command: ['/bin/sh', '-c', script],
})

/** A container without privileges that runs a VMM with the arguments, and gets /dev/kvm as KubeVirt's containers do. */
export const vmContainer = (command: readonly string[]) => ({
  name: 'vm',
  image: NODE_IMAGES.qemu,
  command,
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  resources: { limits: { [KVM_RESOURCE]: '1', memory: '400Mi' } },
})

/** Creates a pod that is not started again when it ends. */
export const createPod = async (
  kubectl: Kubectl,
  { name, labels, annotations, container, spec }: PodRequest,
): Promise<void> => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, annotations },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [container], ...spec },
  }
  await kubectl(['create', '-f', '-'], JSON.stringify(pod))
}

/** Waits until the output of a pod matches. */
export const podPrints = async (
  kubectl: Kubectl,
  name: string,
  pattern: RegExp,
): Promise<RegExpExecArray> => {
  // Each question is a process of kubectl, and an emulated node needs the processors itself.
  const everyMs = 2000
  await kubectl(['wait', `pod/${name}`, '--for=condition=PodReadyToStartContainers', GUARD])
  return eventually(
    `pod ${name} prints ${String(pattern)}`,
    async () => {
      const output = await kubectl(['logs', name])
      const match = pattern.exec(output)
      if (match === null) throw new Error(`it printed '${output}'`)
      return match
    },
    { everyMs },
  )
}

/** Waits until a pod has the phase. */
export const podReaches = async (kubectl: Kubectl, name: string, phase: string): Promise<void> => {
  try {
    await kubectl(['wait', `pod/${name}`, `--for=jsonpath={.status.phase}=${phase}`, GUARD])
  } catch (cause) {
    const description = await kubectl(['describe', 'pod', name])
    throw new Error(`pod ${name} is not ${phase}\n${description}`, { cause })
  }
}
