/** Why the agent lets a container make no VM; each with what helps. */
export const CONTAINER_REFUSALS = {
  NotPinned:
    'The pod names a profile, and the controller has pinned it to no revision, so it slipped past the scheduling gate: delete it and ' +
    'create it again, not past the scheduler.',
  PodGone: 'The API server has no such pod any more: its container is about to end.',
  RevisionGone:
    'The revision to which the pod is pinned does not exist any more: restart the VM, and it is pinned to the current one.',
  RevisionAltered:
    'The plan of the revision is not the one that its name stands for; somebody changed it, or an older CRD has cut a field off: apply ' +
    'the CRDs of this version, and restart the VM.',
  PlanUnknown:
    'The plan names what this version of the node-agent does not know: update the node-agent, or roll the controller back.',
  StateNotWritten:
    'The node-agent could not write what it needs to go on after a restart: see the message (a full disk?), and restart the VM.',
  NotWhereItsRuntimeSays:
    'The process is not in the cgroup of the container that its runtime named: report it with the log of the node-agent.',
  StateUnreadable:
    "The runtime sent a listener without a container's state that the agent understands: see the log of the node-agent for what is " +
    'missing.',
} as const

export type ContainerRefusal = keyof typeof CONTAINER_REFUSALS
