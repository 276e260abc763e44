/** Why the agent lets a container make no VM; each with what helps. */
export const CONTAINER_REFUSALS = {
  NotPinned:
    'The pod names a profile, but the controller has not pinned it to a revision. So the pod bypassed the ' +
    'scheduling gate. Delete it, and create it again in such a way that the scheduler places it.',
  StaticPod:
    'The pod is a static pod: its kubelet starts it from a file. Such a pod passes no admission and nobody pins ' +
    'it, so it cannot have a profile. Create the pod through the API server, for example by a Deployment. Or ' +
    'remove the label cpufeatures.dev/profile and our seccomp profile from its manifest.',
  PodGone: 'The API server no longer has this pod. Its container is about to end.',
  RevisionGone:
    'The revision to which the pod is pinned no longer exists. Restart the VM: its new pod is pinned to ' +
    'the current revision.',
  RevisionAltered:
    'The plan of the revision is not the one that its name stands for. Somebody changed the plan, or an ' +
    'older CRD has removed a field from it. Apply the CRDs of this version, and restart the VM.',
  PlanUnknown:
    'The plan names something that this version of the node-agent does not know. Update the node-agent, ' +
    'or roll the controller back.',
  StateNotWritten:
    'The node-agent could not save what it needs after a restart. See the message (a full disk?), and ' +
    'restart the VM.',
  NotWhereItsRuntimeSays:
    'The process is not in the cgroup of the container that its runtime named. Report this, with the log ' +
    'of the node-agent.',
  StateUnreadable:
    'The runtime sent a listener, but no container state that the node-agent understands. The log of the ' +
    'node-agent says what is missing.',
} as const

export type ContainerRefusal = keyof typeof CONTAINER_REFUSALS
