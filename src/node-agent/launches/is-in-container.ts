import type { ContainerIdentity } from './container-identity.ts'

/** `0::PATH`: the line of cgroup v2 in /proc/PID/cgroup, cgroups(7). */
const V2 = /^0::(.*)$/m

/**
 * Whether a process is in a container of a pod, by /proc/PID/cgroup. The kubelet's two drivers name the groups
 * `pod<uid>/<container id>` (cgroupfs) and `...-pod<uid with underscores>.slice/<runtime>-<container id>.scope` (systemd):
 * kubernetes pkg/kubelet/cm/pod_container_manager_linux.go. KubeVirt moves threads to a group below the container's.
 */
export const isInContainer = (
  cgroup: string,
  { id, pod }: Pick<ContainerIdentity, 'id'> & { readonly pod: { readonly uid: string } },
): boolean => {
  const parts = V2.exec(cgroup)?.[1]?.split('/') ?? []
  const at = parts.findIndex(
    (part) => part === `pod${pod.uid}` || part.endsWith(`-pod${pod.uid.replaceAll('-', '_')}.slice`),
  )
  const container = at < 0 ? undefined : parts[at + 1]
  return container === id || container?.endsWith(`-${id}.scope`) === true
}
