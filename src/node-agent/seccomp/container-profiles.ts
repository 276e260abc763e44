/** Where the filter comes from on which a profile builds. */
export type ProfileBase =
  /** What the runtime applies to this container of the node-agent's own pod. */
  | { readonly kind: 'reference'; readonly container: string; readonly mayBeUnfiltered: boolean }
  | { readonly kind: 'unfiltered' }
  /** The file that KubeVirt's virt-handler installs; not on nodes without KubeVirt. */
  | { readonly kind: 'kubevirt' }

/** A seccomp profile of VM containers. Pods name it `cpufeatures/<name>.json`. */
export type ContainerProfile = { readonly name: string; readonly base: ProfileBase }

/** The capabilities of a VM container that change what a runtime's default filter allows: SYS_CHROOT and SYS_NICE. */
const CAPABILITY_SUFFIXES = ['', '-chroot', '-nice', '-chroot-nice'] as const

const ofReference = (kind: string, mayBeUnfiltered: boolean): ContainerProfile[] =>
  CAPABILITY_SUFFIXES.map((suffix) => ({
    name: `${kind}${suffix}`,
    base: { kind: 'reference', container: `reference-${kind}${suffix}`, mayBeUnfiltered },
  }))

/** All profiles, by what the container of the VM had before admission. */
export const CONTAINER_PROFILES: readonly ContainerProfile[] = [
  // Without the kubelet's seccompDefault the runtime applies nothing to a container that names no profile.
  ...ofReference('unset', true),
  ...ofReference('runtime-default', false),
  { name: 'unconfined', base: { kind: 'unfiltered' } },
  { name: 'kubevirt', base: { kind: 'kubevirt' } },
]

/** As in `localhostProfile` of a pod: relative to the folder `seccomp` of the kubelet. */
export const localhostProfile = (name: string): string => `cpufeatures/${name}.json`
