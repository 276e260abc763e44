import * as z from 'zod'

/**
 * The part that we need of what a runtime sends with the listener of a container: OCI runtime spec 1.2, config-linux.md, "The Container
 * Process State". runc sends it on one line, crun on many.
 */
const processState = z.object({
  pid: z.int().min(1),
  state: z.object({ id: z.string().min(1), annotations: z.record(z.string(), z.string()).default({}) }),
})

/** Which process of which container a listener belongs to. */
export const containerIdentity = z.object({
  /** The container's id in the runtime. */
  id: z.string(),
  /** Its name in the pod. */
  name: z.string(),
  /** The process that the filter was installed for, by its pid on the node: the container's first, or that of an exec. */
  pid: z.int(),
  pod: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }),
})

export type ContainerIdentity = z.infer<typeof containerIdentity>

/** What a runtime has sent, read. */
export type ReadIdentity =
  | { readonly kind: 'container'; readonly container: ContainerIdentity }
  | { readonly kind: 'unreadable'; readonly why: string }

/** What containerd (pkg/cri/annotations) and CRI-O (which copies the kubelet's labels) call each part of the identity. */
const ANNOTATIONS = {
  containerd: {
    name: 'io.kubernetes.cri.container-name',
    podNamespace: 'io.kubernetes.cri.sandbox-namespace',
    podName: 'io.kubernetes.cri.sandbox-name',
    podUid: 'io.kubernetes.cri.sandbox-uid',
  },
  crio: {
    name: 'io.kubernetes.container.name',
    podNamespace: 'io.kubernetes.pod.namespace',
    podName: 'io.kubernetes.pod.name',
    podUid: 'io.kubernetes.pod.uid',
  },
} as const

type Names = Readonly<Record<keyof (typeof ANNOTATIONS)['containerd'], string>>

const namesIn = (annotations: Readonly<Record<string, string>>): Names | undefined => {
  for (const keys of Object.values(ANNOTATIONS)) {
    const { name, podNamespace, podName, podUid } = keys
    const found = {
      name: annotations[name],
      podNamespace: annotations[podNamespace],
      podName: annotations[podName],
      podUid: annotations[podUid],
    }
    if (Object.values(found).every((value) => value !== undefined && value !== '')) return found as Names
  }
  return undefined
}

const unreadable = (why: string): ReadIdentity => ({ kind: 'unreadable', why })

const parsedJson = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Reads what a runtime has sent with a listener. */
export const readIdentity = (bytes: Buffer): ReadIdentity => {
  const parsed = processState.safeParse(parsedJson(bytes))
  if (!parsed.success) return unreadable('it is not the state of a container process (OCI runtime spec)')
  const { pid, state } = parsed.data
  const names = namesIn(state.annotations)
  if (names === undefined) return unreadable('its annotations do not name a pod and a container')
  const pod = { namespace: names.podNamespace, name: names.podName, uid: names.podUid }
  return { kind: 'container', container: { id: state.id, name: names.name, pid, pod } }
}
