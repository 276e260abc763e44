/** Every name that this product puts into a cluster. One place, so that code, policies and docs cannot differ. */
export const API_GROUP = 'cpufeatures.dev'
export const API_VERSION = 'v1alpha1'
export const API_GROUP_VERSION = `${API_GROUP}/${API_VERSION}`

/** Label on a pod (set by its owner, never changed after creation): the CpuFeatureProfile of its VM. */
export const PROFILE_LABEL = 'cpufeatures.dev/profile'
/** Scheduling gate that the admission policy puts on a labelled pod; the controller removes it. */
export const PROFILE_GATE = 'cpufeatures.dev/profile'
/** Annotation on a pod: the CpuFeatureProfileRevision to which it is pinned. */
export const REVISION_ANNOTATION = 'cpufeatures.dev/revision'
/** The value of that annotation for the target of a migration whose VM runs without a revision: nothing of it is levelled. */
export const NO_REVISION = 'none'
/** Label on a node: its host class. */
export const CLASS_LABEL = 'cpufeatures.dev/class'
/** Prefix of the labels that say "this node's hardware fits revision X"; the value is empty. */
export const REVISION_LABEL_PREFIX = 'rev.cpufeatures.dev/'
/** Finalizer on a revision while a pod is pinned to it. */
export const REVISION_FINALIZER = 'cpufeatures.dev/revision-in-use'
/** Condition on a pod: does a node fit it? */
export const POD_SCHEDULABLE_CONDITION = 'cpufeatures.dev/Schedulable'
/** Condition on a pod: does its VM show the profile's CPU? */
export const POD_APPLIED_CONDITION = 'cpufeatures.dev/Applied'
/** Annotation on a pod: a summary of the launch record. */
export const APPLIED_ANNOTATION = 'cpufeatures.dev/applied'
/** Label on a namespace: the profile of pods that name none. */
export const DEFAULT_PROFILE_LABEL = 'cpufeatures.dev/default-profile'
/** Annotation on our CRDs and policies: the version of cpufeatures whose manifest it is. */
export const VERSION_ANNOTATION = 'cpufeatures.dev/version'
/** Label on every object that deploy/ installs: uninstalling removes whatever has it. Its value is empty. */
export const INSTALLED_LABEL = 'cpufeatures.dev/installed'
/** Label on those of them that a container with one of our seccomp profiles needs; its value is `last`. */
export const UNINSTALL_LABEL = 'cpufeatures.dev/uninstall'
/** The Lease in our own namespace by which controllers elect a leader. */
export const CONTROLLER_LEASE = 'cpufeatures-controller'
/** ConfigMap in our own namespace that the admission policies, the controller and the node-agents read. */
export const SETTINGS_NAME = 'cpufeatures-settings'
/** Annotation on the settings: break-glass is on, and why. */
export const BREAK_GLASS_ANNOTATION = 'cpufeatures.dev/break-glass'
/** Label on a pod that break-glass admitted without profile: its value says so. */
export const UNLEVELLED_LABEL = 'cpufeatures.dev/unlevelled'
/** The folder of our seccomp profiles, as a Localhost profile names it. */
export const SECCOMP_FOLDER = 'cpufeatures'
/** Annotation on a namespace: comma-separated profiles its pods may name. */
export const ALLOWED_PROFILES_ANNOTATION = 'cpufeatures.dev/allowed-profiles'

/** The node label that says that `revision` fits the node's hardware. */
export const revisionLabel = (revision: string): string => `${REVISION_LABEL_PREFIX}${revision}`
