/** Why the agent lets a container make no VM; each with what helps. */
export const CONTAINER_REFUSALS = {
  NotPinned:
    'The pod names a profile, but the controller has not pinned the pod to a revision. So the pod ' +
    'bypassed the scheduling gate. Delete the pod and create it again, without choosing its node ' +
    'yourself.',
  StaticPod:
    'The pod is a static pod: its kubelet starts it from a file. Such a pod passes no admission and nobody pins ' +
    'it, so it cannot have a profile. Create the pod through the API server, for example by a Deployment. Or ' +
    'remove the label cpufeatures.dev/profile and our seccomp profile from its manifest.',
  PodGone:
    'The API server no longer has this pod, so its container is about to end. You need not do ' + 'anything.',
  RevisionGone:
    'The revision to which the pod is pinned no longer exists. Restart the VM: its new pod is ' +
    'pinned to the current revision.',
  RevisionAltered:
    "The plan of the revision does not match the hash in the revision's name. Either somebody " +
    'changed the plan, or an older CRD has removed a field from it. Apply the CRDs of this version, ' +
    'and restart the VM.',
  PlanUnknown:
    'The plan names something that this version of the node-agent does not know. Update the ' +
    'node-agent, or roll the controller back.',
  StateNotWritten:
    'The node-agent could not save the data that it needs after a restart. The message says why (a ' +
    'full disk?). Solve the problem, and restart the VM.',
  NotWhereItsRuntimeSays:
    'The container runtime named a container, but the process is not in the cgroup of this ' +
    'container. Report this problem, with the log of the node-agent.',
  StateUnreadable:
    'The container runtime sent a listener, but not the state of the container in a form that the ' +
    'node-agent understands. The log of the node-agent says what is missing.',
} as const

export type ContainerRefusal = keyof typeof CONTAINER_REFUSALS
